#!/usr/bin/env bash
# Runs the whole checkout against a service: test_checkout_flow.sh [API_BASE [INBOX]]
#
#   API_BASE             http://127.0.0.1:8000 unless given; also as a variable
#   INBOX                where the mails of a stand-in for the mail server can be read: `GET INBOX/messages?to=ADDRESS`.
#                        With it the token of the mail is tried as well
#   ORIGIN               an origin of its ALLOWED_ORIGINS; API_BASE unless given
#   STRIPE_API_BASE and  a stand-in for Stripe on this machine: the script pays there by itself.
#   STRIPE_SECRET_KEY    Otherwise it shows the pay page and waits: pay by hand, with Stripe's test card
#   MAIL_SECONDS         how long it waits for the mail (30)
#   PAY_SECONDS          how long it waits for the payment (300); 0 leaves paying out, which is no success
#
# Needs curl and python3. One line for each check; exit code 0 only if all were made and all passed.
set -uo pipefail

API_BASE=${1:-${API_BASE:-http://127.0.0.1:8000}}
API_BASE=${API_BASE%/}
INBOX=${2:-${INBOX:-}}
ORIGIN=${ORIGIN:-$API_BASE}
PAY_SECONDS=${PAY_SECONDS:-300}
MAIL_SECONDS=${MAIL_SECONDS:-30}
PLANNED=14
[[ -z $INBOX ]] || PLANNED=18
passed=0 failed=0
for program in curl python3; do
    command -v "$program" >/dev/null || { echo "needs $program" >&2; exit 2; }
done
body=$(mktemp) || exit 2
trap 'rm -f "$body"' EXIT

check() { # check SENTENCE COMMAND...
    local sentence=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
        echo "ok    $sentence"
    else
        failed=$((failed + 1))
        echo "FAIL  $sentence (answer: $status $(head -c 300 "$body" | tr '\n' ' '))"
    fi
}

declare -A answer
READ='import json, sys
try: found = json.load(open(sys.argv[1]))
except ValueError: found = None
for name, value in (found if isinstance(found, dict) else {}).items():
    if value and isinstance(value, (str, int)): print(name, str(value).replace("\n", " "))'

fields() { # of $body into ${answer[...]}
    local name value
    answer=()
    [[ -s $body ]] && while read -r name value; do answer[$name]=$value; done < <(python3 -I -S -c "$READ" "$body")
}

call() { # call METHOD PATH [JSON]: leaves $status, $body, and the fields of the answer in ${answer[...]}
    local data=()
    [[ $# -gt 2 ]] && data=(--header 'Content-Type: application/json' --data-binary "$3")
    status=$(curl --silent --noproxy '*' --max-time 20 --request "$1" --header "Origin: $ORIGIN" \
        --output "$body" --write-out '%{http_code}' "${data[@]}" "$API_BASE$2") || { status=000; : >"$body"; }
    fields
}

is() { [[ $status == "$1" ]]; }
refused() { is "$1" && [[ -n ${answer[error]:-} && -n ${answer[detail]:-} && -n ${answer[request_id]:-} ]]; }
holds() { [[ ${answer[$1]:-} == $2 ]]; } # a pattern

buyer=flow-$$-$RANDOM@example.com
order() { # order TIER
    printf '{"tier": "%s", "user_email": "%s", "success_url": "%s/dashboard/success?session_id={CHECKOUT_SESSION_ID}", "cancel_url": "%s/pricing"}' \
        "$1" "$buyer" "$ORIGIN" "$ORIGIN"
}

pay() { # at the stand-in as its pay page does, or by hand
    if [[ ${STRIPE_API_BASE:-} =~ ^http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?$ && -n ${STRIPE_SECRET_KEY:-} ]]; then
        # the key goes through standard input: arguments can be read by every user of the machine
        printf 'user = "%s:"\n' "$STRIPE_SECRET_KEY" | curl --silent --fail --noproxy '*' --max-time 20 --config - --output /dev/null \
            --data payment_method=pm_card_visa "$STRIPE_API_BASE/v1/payment_pages/$session/confirm" && return
    fi
    [[ $PAY_SECONDS == 0 || -z $session ]] && return
    echo "      pay by hand within $PAY_SECONDS seconds, with 4242 4242 4242 4242: $page"
}

paid() {
    [[ -n $session ]] || return
    local end=$((SECONDS + PAY_SECONDS))
    while :; do
        call GET "/api/billing/checkout-session/$session"
        holds payment_status paid && return
        ((SECONDS < end)) || return 1
        sleep 3 # the limit of a client is 30 requests a minute
    done
}

# The token is whatever stands alone in a line of the mail and is long enough for one.
TOKEN='import json, re, sys
mails = json.load(sys.stdin)
found = re.findall(r"^[\w.-]{32,}$", mails[0]["text"], re.MULTILINE) if len(mails) == 1 else []
print(*found if len(found) == 1 else [])'

mailed() {
    local end=$((SECONDS + MAIL_SECONDS))
    until token=$(curl --silent --fail --noproxy '*' --max-time 5 "$INBOX/messages?to=$buyer" | python3 -I -S -c "$TOKEN" 2>/dev/null) && [[ -n $token ]]; do
        ((SECONDS < end)) || return 1
        sleep 0.2
    done
}

whoami() { # whoami TOKEN: as call; the token goes through standard input, as the key does
    status=$(printf 'header = "Authorization: Bearer %s"\n' "$1" | curl --silent --noproxy '*' --max-time 20 --config - \
        --output "$body" --write-out '%{http_code}' "$API_BASE/api/mcp/whoami") || { status=000; : >"$body"; }
    fields
}

echo "checkout flow against $API_BASE"
call GET /health
check "the service answers" is 200
call GET /api/billing/checkout-health
check "the checkout is healthy" holds status healthy

for tier in personal enterprise team; do
    call POST /api/billing/create-checkout-session "$(order $tier)"
    check "a session for $tier is made" is 200
done
session=${answer[session_id]:-} page=${answer[checkout_url]:-}
check "its id is Stripe's" holds session_id 'cs_*'
check "its pay page has an address" holds checkout_url 'http*://*'

call GET "/api/billing/checkout-session/${session:-none}"
check "the session is open" holds status open
check "the session is of the tier that was ordered" holds tier team
pay
paid
check "the session is paid" holds payment_status paid

if [[ -n $INBOX ]]; then
    token=''
    check "one mail brings one token" mailed
    whoami "$token"
    check "the token is accepted" is 200
    check "the token is of the tier that was ordered" holds tier team
    last=${token: -1}
    whoami "${token%?}$([[ $last == 0 ]] && echo 1 || echo 0)"
    check "a token with another last letter is refused" is 401
fi

call POST /api/billing/create-checkout-session "$(order x402)"
check "a tier that is not sold is refused" refused 400
call POST /api/billing/create-checkout-session '{"tier": "team"}'
check "an order without addresses is refused" refused 400
call GET /api/billing/checkout-session/cs_test_thisisnosession0000000000
check "a session that does not exist is not found" refused 404
call POST /api/v1/webhooks/stripe '{"id": "evt_1", "type": "invoice.paid"}'
check "an event without signature is refused" refused 400

echo "$passed of $PLANNED checks passed, $failed failed"
((passed == PLANNED && failed == 0))
