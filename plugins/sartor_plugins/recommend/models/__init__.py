"""The models of recommendation, one a module: settings that read quickly, and the work in `fitted_` modules beside."""
