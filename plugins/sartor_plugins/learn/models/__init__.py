"""The models of learn: their settings. What they do is in `sartor_plugins.learn.fitting`."""
