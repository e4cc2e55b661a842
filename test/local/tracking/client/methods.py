from mlflow import MlflowClient

from calls import missed, out_of_scope, public_methods
from case import case, equal, true


@case("every public method of the client in scope has been called by the cases before")
def _():
    true(len(public_methods()) > 100 and not out_of_scope("log_metric"), f"methods of {MlflowClient}")
    equal(missed(), [])
