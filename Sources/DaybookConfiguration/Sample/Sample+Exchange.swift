extension SampleConfiguration {
    /// `config/schedules/exchange.yaml`: when files are made for partners and looked after.
    static let exchange = """
        # yaml-language-server: $schema=../schemas/schedule.schema.json
        jobs:
          - jobId: edi-outbound
            description: Make files of the outcomes whose windows are over
            every: 1m
            targetPipeline: exchange_assemble
            # A file that could not be made is gone on with by the next run.
            maxRetries: 0
            catchUp: latest
            slaMinutes: 5
            alerts:
              onFailure: [ops-oncall]
              onMissedSla: [edi-lead]
            tags: [exchange]

          - jobId: duplicate-sweep
            description: Find files of the last days that came in twice
            cadence: "0 3 * * *"
            timeZone: UTC
            targetPipeline: exchange_sweep
            # No duplicate stays unresolved for more than 24 hours.
            slaMinutes: 1440
            alerts:
              onFailure: [ops-oncall]
              onMissedSla: [edi-lead]
            tags: [duplicates]

          - jobId: exchange-tidy
            description: Move old exchanged files to cool/ and archive/, and delete after seven years
            cadence: "30 3 * * *"
            timeZone: UTC
            targetPipeline: exchange_tidy
            slaMinutes: 240
            alerts:
              onFailure: [ops-oncall]
              onMissedSla: [ops-oncall]
            tags: [exchange]

        """

    /// `config/partners`: with whom files are exchanged.
    static let partners: [File] = [
        File("config/partners/partnera.yaml", partnerA),
        File("config/partners/internal-claims.yaml", internalClaims),
        File("config/partners/test001.yaml", test001),
    ]

    private static let partnerA = """
        # yaml-language-server: $schema=../schemas/partner.schema.json
        # A trading partner: it asks for eligibility and sends professional claims. What is not
        # said has its default (docs/configuration.md, partners).
        partner: PARTNERA
        description: Clinic group A

        # How envelopes name us, and how they name the partner: ISA05 to ISA08, GS02 and GS03.
        own: { qualifier: ZZ, id: DAYBOOK }
        identity: { qualifier: ZZ, id: PARTNERA }

        # What it may send. Anything else is rejected in the 999.
        accepts: [270, 837P]
        # What it is sent: TA1 and 999 always.
        sends: [271, 277CA, 834, 835]

        # So many minutes outcomes are gathered for one file, by type.
        windows: { 271: 2, 999: 5, 277CA: 60 }
        # Written so many minutes after what they answer came.
        slas: { TA1: 5, 999: 15, 271: 5, 277CA: 240 }
        # It acknowledges what it is sent with a 999, within so many minutes.
        acknowledgedWithin: { 999: 15 }

        contacts: [edi-lead]

        """

    private static let internalClaims = """
        # yaml-language-server: $schema=../schemas/partner.schema.json
        # Our own claims system as a partner: it sends claims of all three kinds, and is told what
        # became of them.
        partner: INTERNAL-CLAIMS
        description: The claims system of our own house
        own: { qualifier: ZZ, id: DAYBOOK }
        identity: { qualifier: ZZ, id: INTERNAL-CLAIMS, group: CLAIMS }
        accepts: [837P, 837I, 837D]
        # It sends no 999 for what it is sent, so that none is waited for.
        acknowledgedWithin: { 999: 0 }
        contacts: [edi-lead]

        """

    private static let test001 = """
        # yaml-language-server: $schema=../schemas/partner.schema.json
        # A partner for tests: what it sends and is sent is marked as a test (ISA15).
        partner: TEST001
        description: The partner of end-to-end tests
        own: { qualifier: ZZ, id: DAYBOOKTEST }
        identity: { qualifier: ZZ, id: TEST001 }
        usage: T
        usages: [T]
        acknowledgments: always
        accepts: [270, 276, 834, 835, 837P, 837I, 837D]
        sends: [271, 277CA, 834, 835]
        # Nothing is gathered: a test sees its answer with the next run.
        windows: { 271: 0, 999: 0, 277CA: 0 }
        acknowledgedWithin: { 999: 0 }
        # Numbers far from those of production, which go on from the start after the last one.
        controlNumbers:
          - { kind: ISA, start: 900000001, wrap: on }

        """
}
