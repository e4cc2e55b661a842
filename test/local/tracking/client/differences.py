"""Where Millrace deliberately does not answer what the stock server answers. Everything else has to be the same.

A case takes the expected value by `expected("<row>")`.
"""

import os

MILLRACE = os.environ.get("CONFORMANCE_AGAINST", "millrace") == "millrace"

#: name: (the stock server 3.17.2, Millrace, why)
DIFFERENCES = {
    "a page token on another query": (
        200,
        400,
        "the stock token is an offset: on another query it silently skips rows; ours names the query that it belongs to",
    ),
    "the first number under the name that a deleted or renamed model had": (
        "1",
        "2",
        "a number that someone has written down never comes to mean another version",
    ),
    "the alias live": (
        200,
        400,
        "`live` says what is live and is written by rollouts only",
    ),
    "the alias champion, set by somebody who is no engineer": (
        None,
        "PERMISSION_DENIED",
        "it asks for a rollout, and the stock server knows no roles",
    ),
    "a refusal that the stock server makes with 500": (
        "INTERNAL_ERROR",
        "INVALID_PARAMETER_VALUE",
        "a client repeats a call that ends in 500, and this one can only be wrong",
    ),
    "a body that is JSON but no object": (
        500,
        400,
        "the stock server fails on it",
    ),
    "a body without a content type": (
        400,
        200,
        "it can be nothing but JSON, and a proxy may have lost the header",
    ),
    "a name that would read otherwise if it were decoded twice": (
        200,
        400,
        "something between here and the bytes may decode twice",
    ),
    "an empty list": (
        None,
        [],
        "client and UI read both alike",
    ),
    "a call with a wrong token": (
        200,
        401,
        "the stock server asks for none",
    ),
    "the same output again": (
        "BAD_REQUEST",
        None,
        "a client that lost the answer writes again, and nothing is different then",
    ),
    "an unknown route": (
        (404, None),
        (404, "ENDPOINT_NOT_FOUND"),
        "the stock server answers a page of HTML, which a client can only print",
    ),
}


def expected(row):
    stock, ours, _why = DIFFERENCES[row]
    return ours if MILLRACE else stock
