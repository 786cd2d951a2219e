"""What the models of learn do when they fit, predict, explain, save and load; loaded only when a recipe uses one."""
