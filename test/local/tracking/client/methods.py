from calls import in_scope, missed, public_methods
from case import case, equal, true


@case("every public method of the client in scope has been called by the cases before")
def _():
    scope = [name for name in public_methods() if in_scope(name)]
    true(len(scope) > 70, f"only {len(scope)} methods are in scope: {scope}")
    equal(missed(), [])
