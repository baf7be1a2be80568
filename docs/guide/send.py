# Sends a file with one event per line: URL=http://127.0.0.1:8787 KEY=weir_... python3 send.py events.ndjson
import gzip, http.client, json, os, random, sys, time, urllib.error, urllib.request, uuid
from itertools import islice

URL, KEY = os.environ["URL"].rstrip("/") + "/v1/events", os.environ["KEY"]
BATCH, TRIES = 100, int(os.environ.get("TRIES", "10"))

def post(body, key):
    headers = {"x-api-key": KEY, "idempotency-key": key,
               "content-type": "application/x-ndjson", "content-encoding": "gzip"}
    try:
        with urllib.request.urlopen(urllib.request.Request(URL, body, headers), timeout=15) as answer:
            return answer.status, 0, json.load(answer)
    except urllib.error.HTTPError as error:
        text, wait = error.read(), error.headers.get("retry-after", "")
        return error.code, int(wait) if wait.isdigit() else 0, json.loads(text) if text[:1] == b"{" else {}
    except (OSError, ValueError, http.client.HTTPException) as error:  # No whole answer: retry
        return 0, 0, {"title": str(error)}

def send(lines):
    body, key = gzip.compress("".join(lines).encode()), str(uuid.uuid4())  # the same for all tries
    for attempt in range(TRIES):
        status, wait, answer = post(body, key)
        retry = status in (0, 429) or status >= 500 or answer.get("code") == "idempotency_in_flight"
        if not retry or attempt == TRIES - 1:
            return status, answer
        time.sleep(wait + random.uniform(0, min(60, 2**attempt)))

failed = False
with open(sys.argv[1], encoding="utf-8") as file:
    events = (line for line in file if line.strip())
    while batch := list(islice(events, BATCH)):
        status, answer = send(batch)
        for rejected in answer.get("rejected", []):
            print("rejected:", batch[rejected["index"]].strip(), rejected["message"])
        print(status, answer.get("title") or f"{answer['accepted']} accepted, {answer['batch_id']}")
        failed |= status != 202 or bool(answer["rejected"])
sys.exit(failed)
