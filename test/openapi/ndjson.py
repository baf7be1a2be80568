# Schemathesis knows no NDJSON. It is sent as the text that is made for it.

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def as_text(_context, value):
    return str(value).encode("utf-8", errors="surrogatepass")
