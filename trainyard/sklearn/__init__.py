"""Trainyard's networks as scikit-learn estimators.

::

    from trainyard.sklearn import TrainyardClassifier

    model = TrainyardClassifier(hidden_layer_sizes=(32, 32), random_state=7).fit(X, y)
    model.predict_proba(X_new)

They train in this process, or with ``client=`` as jobs of a service, to the same network.
"""

from importlib.util import find_spec

from trainyard.extras import MissingExtra

if _missing := [name for name in ("numpy", "sklearn") if find_spec(name) is None]:
    raise MissingExtra("trainyard.sklearn", "sklearn", _missing)

from trainyard.sklearn.estimators import TrainyardClassifier, TrainyardRegressor

__all__ = ["TrainyardClassifier", "TrainyardRegressor"]
