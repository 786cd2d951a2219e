"""Networks as ONNX: one file with what was learned of the columns, the network, and the answer's form."""
