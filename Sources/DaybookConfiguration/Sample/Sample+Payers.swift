extension SampleConfiguration {
    /// `config/schedules/payers.yaml`: one job for many, a schedule for each payer.
    static let payers = """
        # yaml-language-server: $schema=../schemas/schedule.schema.json
        jobs:
          # payer-digest[PAYER-A] and payer-digest[PAYER-B]: each has runs, retries and a folder of
          # its own. One more payer is one more name.
          - jobId: payer-digest
            description: Each payer's claims, in a folder of its own
            cadence: "0 5 * * *"
            timeZone: UTC
            targetPipeline: pl_payer_digest
            parameters: { Payer: "${payer}" }
            folders: { output: "payers/${payer}" }
            slaMinutes: 60
            alerts:
              onFailure: [ops-oncall]
              onMissedSla: [edi-lead]
            tags: [claims]
            forEach:
              as: payer
              list: [PAYER-A, PAYER-B]

        """

    static let payerDigest = #"""
        #!/bin/sh
        # The claims of one payer, in the folder of its own that daybook made for it; by hand in
        # out/payers.
        . "$(dirname "$0")/common.sh"

        payer=${DAYBOOK_PARAM_PAYER:-PAYER-A}
        folder=${DAYBOOK_FOLDER_OUTPUT:-out/payers/$payer}
        claims=samples/claim-status.csv
        need "$claims"
        awk -F, -v payer="$payer" 'FNR > 1 && $2 == payer { print $1 "," $3 "," $4 }' "$claims" \
            > "$work/rows" || fail "$claims cannot be read"
        count=$(awk 'END { print NR }' "$work/rows")
        { echo "claim_id,category,amount"; cat "$work/rows"; } | publish "$folder/claims-$date.csv"
        result "{\"payer\":\"$payer\",\"claims\":$count}"

        """#
}
