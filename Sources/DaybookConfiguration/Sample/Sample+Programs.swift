extension SampleConfiguration {
    /// `programs/`: what the targets run, in POSIX sh and awk only.
    static let programs: [File] = [
        File("programs/common.sh", common),
        File("programs/enrollment-snapshot.sh", enrollment, isProgram: true),
        File("programs/claim-status.sh", claimStatus, isProgram: true),
        File("programs/remittance.sh", remittance, isProgram: true),
        File("programs/control-numbers.sh", controlNumbers, isProgram: true),
        File("programs/heartbeat.sh", heartbeat, isProgram: true),
        File("programs/payer-digest.sh", payerDigest, isProgram: true),
        File("programs/dw-refresh.sh", refresh, isProgram: true),
    ]

    private static let common = #"""
        # What the programs share. Each is run by daybook in the folder that holds config, with
        # DAYBOOK_BUSINESS_DATE, DAYBOOK_RESULT_FILE, DAYBOOK_PARAM_... and more in its environment;
        # by hand they run as well, for today.
        set -eu
        LC_ALL=C
        export LC_ALL
        cd "$(dirname "$0")/.."

        fail() {
            echo "$(basename "$0"): $1" >&2
            exit 1
        }

        # The business date: the schedule's parameter, else the run's, else today in UTC.
        date=${DAYBOOK_PARAM_RUNDATE:-${DAYBOOK_BUSINESS_DATE:-$(date -u +%Y-%m-%d)}}
        case $date in
        [0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]) ;;
        *) fail "the run date is not YYYY-MM-DD" ;;
        esac

        # need FILE: stops where a file is missing or empty.
        need() {
            test -s "$1" || fail "$1 is missing or empty; put the data there and retry the run"
        }

        # publish FILE: what is on standard input becomes the file, whole or not at all. A repeated
        # run of the same date gives the same file again, so a retry does no harm.
        publish() {
            mkdir -p "$(dirname "$1")"
            cat > "$1.$$.tmp" || fail "$1 cannot be written"
            mv -f "$1.$$.tmp" "$1"
        }

        # result JSON: what daybook stores with the run; by hand it is printed.
        result() {
            if test -n "${DAYBOOK_RESULT_FILE:-}"; then
                printf '%s\n' "$1" > "$DAYBOOK_RESULT_FILE"
            else
                printf '%s\n' "$1"
            fi
        }

        # A folder for what is made on the way, gone at the end however the program ends.
        work=$(mktemp -d)
        trap 'rm -rf "$work"' EXIT
        trap 'exit 143' TERM
        trap 'exit 130' INT

        """#

    private static let enrollment = #"""
        #!/bin/sh
        # The nightly enrollment delta: who is new, changed or gone between two member files, as the
        # segments of an 834 (INS03: 021 addition, 001 change, 024 termination).
        . "$(dirname "$0")/common.sh"

        before=samples/members-previous.csv
        now=samples/members-current.csv
        need "$before"
        need "$now"
        compact=$(echo "$date" | tr -d -)

        awk -F, -v compact="$compact" '
            function segment(text) { print text "~" }
            function member(id, code, plan, day, status) {
                segment("INS*Y*18*" code "*XN*" status)
                segment("REF*0F*" id)
                segment("DTP*" (code == "024" ? "349" : "348") "*D8*" day)
                segment("HD*" code "**HLT*" plan)
            }
            FNR == 1 { files++; next }
            files == 1 { old[$1] = $2 "," $3; next }
            {
                if (!($1 ~ /^[A-Z0-9]+$/) || NF != 3) { bad = FNR; exit }
                new[$1] = $2 "," $3
                order[++count] = $1
            }
            END {
                if (bad) { print "line " bad " is not id,plan,date" > "/dev/stderr"; exit 1 }
                segment("ST*834*0001*005010X220A1")
                segment("BGN*00*" compact "*" compact "*0000****2")
                for (i = 1; i <= count; i++) {
                    id = order[i]
                    split(new[id], field, ",")
                    gsub("-", "", field[2])
                    if (!(id in old)) { added++; member(id, "021", field[1], field[2], "A") }
                    else if (old[id] != new[id]) { changed++; member(id, "001", field[1], field[2], "A") }
                    delete old[id]
                }
                # Who is left in the old file is gone; sorted outside, for one order everywhere.
                for (id in old) print id "," old[id] > (work "/gone")
                printf "%d %d\n", added, changed > (work "/counts")
            }
        ' work="$work" "$before" "$now" > "$work/body" || fail "$now cannot be read"

        touch "$work/gone"
        sort "$work/gone" | awk -F, -v compact="$compact" '
            { printf "INS*Y*18*024*XN*T~\nREF*0F*%s~\nDTP*349*D8*%s~\nHD*024**HLT*%s~\n", $1, compact, $2 }
        ' >> "$work/body"
        read -r added changed < "$work/counts"
        gone=$(awk 'END { print NR }' "$work/gone")
        segments=$(awk 'END { print NR + 1 }' "$work/body")
        echo "SE*$segments*0001~" >> "$work/body"

        file=out/834/enrollment-$date.edi
        publish "$file" < "$work/body"
        result "{\"file\":\"$file\",\"added\":$added,\"changed\":$changed,\"terminated\":$gone,\"segments\":$segments}"

        """#

    private static let claimStatus = #"""
        #!/bin/sh
        # The weekly 277CA summary: how many claims each payer accepted and rejected, and for how
        # much. Amounts are added in cents, so that nothing is rounded.
        . "$(dirname "$0")/common.sh"

        claims=samples/claim-status.csv
        need "$claims"
        awk -F, -v summary="$work/totals" '
            function cents(text) {
                if (text !~ /^[0-9]+\.[0-9][0-9]$/) { bad = FNR; exit }
                sub(/\./, "", text)
                return text + 0
            }
            FNR == 1 { next }
            {
                payer = $2
                payers[payer] = 1
                # Claim status category codes: A1 and A2 are accepted, A3 and A6 to A8 are rejected.
                if ($3 ~ /^A[12]$/) { accepted[payer]++; good[payer] += cents($4); a++ }
                else if ($3 ~ /^A[3678]$/) { rejected[payer]++; refused[payer] += cents($4); r++ }
                else { bad = FNR; exit }
            }
            END {
                if (bad) { print "line " bad " is not claim,payer,category,amount" > "/dev/stderr"; exit 1 }
                for (payer in payers)
                    printf "%s,%d,%d.%02d,%d,%d.%02d\n", payer, \
                        accepted[payer], int(good[payer] / 100), good[payer] % 100, \
                        rejected[payer], int(refused[payer] / 100), refused[payer] % 100
                printf "%d %d\n", a, r > summary
            }
        ' "$claims" > "$work/rows" || fail "$claims cannot be read"
        read -r accepted rejected < "$work/totals"
        payers=$(awk 'END { print NR }' "$work/rows")

        file=out/277ca/summary-$date.csv
        { echo "payer,accepted,accepted_amount,rejected,rejected_amount"; sort "$work/rows"; } | publish "$file"
        result "{\"file\":\"$file\",\"payers\":$payers,\"accepted\":$accepted,\"rejected\":$rejected}"

        """#

    private static let remittance = #"""
        #!/bin/sh
        # The monthly remittance totals for 835: each claim must balance (charged less adjusted is
        # paid), and so must each payee (what is paid is what was deposited). Nothing is published
        # where it does not, to the cent.
        . "$(dirname "$0")/common.sh"

        payments=samples/payments.csv
        deposits=samples/deposits.csv
        need "$payments"
        need "$deposits"
        awk -F, -v totals="$work/totals" '
            function cents(text) {
                if (text !~ /^-?[0-9]+\.[0-9][0-9]$/) return broken("an amount is not 0.00")
                sub(/\./, "", text)
                return text + 0
            }
            function broken(why) {
                if (!fault) fault = FILENAME " line " FNR ": " why
                return 0
            }
            FNR == 1 { files++; next }
            files == 1 { deposit[$1] += cents($2); next }
            {
                if (cents($3) - cents($4) != cents($5)) broken("claim " $1 " does not balance")
                paid[$2] += cents($5); charged[$2] += cents($3); adjusted[$2] += cents($4)
                claims[$2]++; count++; total += cents($5)
            }
            END {
                for (payee in paid) if (paid[payee] != deposit[payee])
                    broken("payee " payee " is paid " paid[payee] " cents, deposited " deposit[payee] + 0)
                for (payee in deposit) if (!(payee in paid)) broken("payee " payee " has no claim")
                if (fault) { print fault > "/dev/stderr"; exit 1 }
                for (payee in paid)
                    printf "%s,%d,%d,%d,%d\n", payee, claims[payee], charged[payee], adjusted[payee], paid[payee]
                printf "%d %d\n", count, total > totals
            }
        ' "$deposits" "$payments" > "$work/rows" || fail "the payments do not balance; nothing was published"
        read -r claims total < "$work/totals"
        payees=$(awk 'END { print NR }' "$work/rows")

        file=out/835/remittance-$date.csv
        { echo "payee,claims,charged_cents,adjusted_cents,paid_cents"; sort "$work/rows"; } | publish "$file"
        result "{\"file\":\"$file\",\"payees\":$payees,\"claims\":$claims,\"paid_cents\":$total,\"balanced\":true}"

        """#

    private static let controlNumbers = #"""
        #!/bin/sh
        # The control number inventory: for each counter what was issued, and which numbers between
        # the first and the last are missing or were issued twice.
        . "$(dirname "$0")/common.sh"

        issued=samples/control-numbers.csv
        need "$issued"
        awk -F, 'FNR > 1 {
            if (NF != 2 || $1 !~ /^[a-z0-9-]+$/ || $2 !~ /^[0-9]+$/ || length($2) > 9) {
                print "line " FNR " is not counter,number" > "/dev/stderr"; exit 1
            }
            print $1 "," $2 + 0
        }' "$issued" > "$work/numbers" || fail "$issued cannot be read"

        sort -t, -k1,1 -k2,2n "$work/numbers" | awk -F, -v gaps="$work/gaps" '
            function finish() { if (counter != "") print counter "," first "," last "," count "," missing "," twice }
            $1 != counter { finish(); counter = $1; first = last = $2; count = 1; missing = twice = 0; next }
            $2 == last { twice++; repeats++; next }
            {
                if ($2 > last + 1) {
                    missing += $2 - last - 1
                    list = list (list == "" ? "" : ",") "{\"counter\":\"" counter "\",\"from\":" last + 1 ",\"to\":" $2 - 1 "}"
                }
                last = $2; count++
            }
            END { finish(); print repeats + 0 " [" list "]" > gaps }
        ' > "$work/rows"
        read -r repeats gaps < "$work/gaps"
        counters=$(awk 'END { print NR }' "$work/rows")

        file=out/control-numbers/inventory.csv
        { echo "counter,first,last,issued,missing,repeated"; cat "$work/rows"; } | publish "$file"
        result "{\"file\":\"$file\",\"counters\":$counters,\"repeated\":$repeats,\"gaps\":$gaps}"

        """#

    private static let heartbeat = #"""
        #!/bin/sh
        # A sign of life: which run it was, and how many files wait in the inbox.
        . "$(dirname "$0")/common.sh"

        waiting=$(find samples/inbound -type f | awk 'END { print NR }')
        file=out/heartbeat/last.json
        text="{\"run\":\"${DAYBOOK_RUN:-by hand}\",\"scheduled\":\"${DAYBOOK_SCHEDULED:-}\",\"waiting\":$waiting}"
        printf '%s\n' "$text" | publish "$file"
        result "$text"

        """#

    private static let refresh = #"""
        #!/bin/sh
        # Whether the data warehouse has put today's member file there: READY or WAIT, as daybook
        # asks it of an external dependency.
        cd "$(dirname "$0")/.." || exit 1
        if test -s samples/members-current.csv; then echo READY; else echo WAIT; fi

        """#
}
