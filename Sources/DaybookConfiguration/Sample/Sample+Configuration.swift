extension SampleConfiguration {
    /// `config/`: what the engine reads.
    static let configuration: [File] = [
        File("config/daybook.yaml", daybook),
        File("config/schedules/edi-outbound.json", outbound),
        File("config/schedules/edi-control.yaml", control),
        File("config/schedules/exchange.yaml", exchange),
        File("config/schedules/payers.yaml", payers),
        File("config/schedules/calendars/standard-business.json", SampleHolidays.calendar),
        File("config/targets.yaml", targets),
        File("config/contacts.yaml", contacts),
        File("config/schemas/schedule.schema.json", ScheduleSchema.text),
        File("config/schemas/partner.schema.json", PartnerSchema.text),
    ]

    private static let daybook = """
        # Settings of the engine. Each can be overridden by an environment variable:
        # port by DAYBOOK_PORT, and so on. What stands here are the defaults.
        port: 3080
        host: 127.0.0.1
        defaultTimeZone: UTC
        scheduling: on
        requireTicket: true

        # Secrets are never written here. They are named, and used as ${secret:NAME}.
        secrets:
          checkpoint-key:
            file: keys/checkpoint.key
        #   partner-api:
        #     file: /etc/daybook/partner-api

        # Checkpoints of the log are signed with this key. Auditors get keys/checkpoint.vkey.
        checkpointKey: checkpoint-key

        """

    private static let outbound = """
        {
          "$schema": "../schemas/schedule.schema.json",
          "jobs": [
            {
              "jobId": "834-nightly",
              "description": "Generate nightly enrollment delta 834",
              "enabled": true,
              "cadence": "0 1 * * *",
              "timeZone": "UTC",
              "calendar": "standard-business",
              "dependencies": [
                { "type": "pipeline", "name": "dw_refresh", "maxDelayMinutes": 30 }
              ],
              "target": {
                "type": "adf-pipeline",
                "name": "pl_generate_834_snapshot",
                "parameters": {
                  "RunDate": "${scheduledDate}",
                  "PartnerList": "all"
                }
              },
              "slaMinutes": 60,
              "maxRetries": 3,
              "alerts": {
                "onFailure": ["ops-oncall"],
                "onMissedSla": ["edi-lead"]
              },
              "tags": ["834", "enrollment"]
            },
            {
              "jobId": "277ca-weekly",
              "description": "Aggregate claim responses for the consolidated 277CA, before business hours",
              "cadence": "0 4 * * MON",
              "timeZone": "UTC",
              "target": {
                "type": "adf-pipeline",
                "name": "pl_aggregate_277ca",
                "parameters": { "RunDate": "${scheduledDate}" }
              },
              "slaMinutes": 240,
              "alerts": {
                "onFailure": ["ops-oncall"],
                "onMissedSla": ["edi-lead"]
              },
              "tags": ["277CA", "compliance"]
            },
            {
              "jobId": "835-monthly",
              "description": "Produce 835 remittance advice after finance close, for sign-off before 09:00",
              "cadence": "0 6 L * *",
              "timeZone": "UTC",
              "target": {
                "type": "adf-pipeline",
                "name": "pl_remittance_835",
                "parameters": { "RunDate": "${scheduledDate}" }
              },
              "slaMinutes": 180,
              "catchUp": "none",
              "alerts": {
                "onFailure": ["ops-oncall", "finance"],
                "onMissedSla": ["finance"],
                "onMissed": ["finance"]
              },
              "tags": ["835", "payments"]
            }
          ]
        }

        """

    private static let control = """
        # yaml-language-server: $schema=../schemas/schedule.schema.json
        jobs:
          - jobId: heartbeat
            description: A fast one, to see that the engine runs
            every: 5s
            targetPipeline: pl_heartbeat
            maxRetries: 0
            catchUp: latest
            tags: [sample]

          - jobId: control-number-sync
            description: Publish the control number inventory and detect gaps
            cadence: "0 * * * *"
            timeZone: UTC
            targetPipeline: pl_control_numbers
            slaMinutes: 10
            alerts:
              onFailure: [ops-oncall]
              onMissedSla: [ops-oncall]
            tags: [control-numbers]

        """

    private static let targets = """
        # What the pipeline names in schedules mean here. Relative paths are relative to the folder
        # that holds config.
        targets:
          pl_generate_834_snapshot:
            process:
              command: [programs/enrollment-snapshot.sh]
              timeout: 30m
          pl_aggregate_277ca:
            process:
              command: [programs/claim-status.sh]
              timeout: 30m
          pl_remittance_835:
            process:
              command: [programs/remittance.sh]
              timeout: 30m
          pl_control_numbers:
            process:
              command: [programs/control-numbers.sh]
              timeout: 5m
          pl_payer_digest:
            process:
              command: [programs/payer-digest.sh]
              timeout: 5m
          pl_heartbeat:
            process:
              command: [programs/heartbeat.sh]
              timeout: 5s
              grace: 1s
          # Asked before 834-nightly runs, until it prints READY.
          dw_refresh:
            external:
              process:
                command: [programs/dw-refresh.sh]
                timeout: 10s
            every: 30s
          # Work of the exchange of files with partners (partners/).
          exchange_assemble:
            exchange: { task: assemble }
          exchange_sweep:
            exchange: { task: sweep }
          exchange_tidy:
            exchange: { task: tidy }

        """

    private static let contacts = """
        # Whom the names in alerts mean, and how they are reached. The log is told of every alert;
        # put your own server and addresses here (docs/alerts.md):
        #   mail: { host: smtp.example.org, from: daybook@example.org }
        #   contacts:
        #     ops-oncall: { email: ops-oncall@example.org, escalateTo: [edi-lead] }
        contacts:
          ops-oncall:
            description: Whoever is on call in operations
            log: true
            escalateTo: [edi-lead]
          edi-lead:
            description: Who answers for the EDI deliveries
            log: true
          finance:
            description: Who signs off remittances
            log: true

        """

    /// `config/environments/dev`: an overlay as an example, chosen by `DAYBOOK_ENVIRONMENT=dev`.
    static let overlay: [File] = [
        File(
            "config/environments/dev/daybook.yaml",
            """
            # What is different in the environment dev: DAYBOOK_ENVIRONMENT=dev daybook serve ...
            requireTicket: false
            logLevel: debug

            """),
        File(
            "config/environments/dev/schedules/dev.yaml",
            """
            # Changes to schedules of the base, each by its jobId; maps are merged, everything else
            # is replaced, and an empty value takes the base's away.
            overrides:
              - jobId: 834-nightly
                every: 2m
                calendar:
                target:
                  parameters:
                    PartnerList: test-partner
              - jobId: 835-monthly
                enabled: false

            # Schedules that are only here.
            jobs:
              - jobId: dev-duplicate-sweep
                description: The duplicate sweep, often
                every: 1m
                targetPipeline: exchange_sweep
                maxRetries: 0

            """),
    ]

    /// What belongs to the repository that the configuration is reviewed in.
    static let repository: [File] = [
        File(
            ".gitignore",
            """
            # The secret key of checkpoints is never committed.
            /keys/*.key
            /data/

            """),
        File(
            "CODEOWNERS",
            """
            # Changes to schedules need both reviews. Put your own teams here.
            /config/      @example-org/platform-team @example-org/edi-business-owner
            /programs/    @example-org/platform-team

            """),
        File(
            ".github/workflows/config-validation.yml",
            """
            # Refuses a change that the engine would refuse: every error, with file and line.
            name: config-validation
            on:
              pull_request:
                paths: ["config/**"]
              push:
                branches: [main]
            permissions:
              contents: read
            jobs:
              check:
                # A runner that has daybook installed; name your own.
                runs-on: [self-hosted, daybook]
                steps:
                  - uses: actions/checkout@v4
                  - name: Check the configuration
                    run: daybook check --config config
                  - name: Check it as dev
                    run: DAYBOOK_ENVIRONMENT=dev daybook check --config config

            """),
        File("out/.gitignore", "# What the programs write.\n*\n"),
    ]
}
