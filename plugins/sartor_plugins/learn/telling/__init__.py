"""What the tasks and models of learn have to say in a report, as sections."""
