"""learn: classification and regression, the models that answer them, and the steps that prepare their features."""
