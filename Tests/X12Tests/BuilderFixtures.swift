import Foundation
import X12

/// What the goldens of `Tests/Fixtures/x12/built` are made from.
enum Built {
    static let us = X12Partners.Identity(qualifier: "ZZ", id: "DAYBOOK")
    static let them = X12Partners.Identity(qualifier: "ZZ", id: "CLINICA")

    static func envelope(_ delimiters: X12Delimiters = X12Delimiters()) -> EnvelopeContent {
        EnvelopeContent(
            sender: us, receiver: them, senderGroupID: "DAYBOOK", receiverGroupID: "CLINICA",
            date: "20250106", time: "1530", usage: "T", delimiters: delimiters)
    }

    static let payer = X12Party(name: "DAYBOOK HEALTH PLAN", qualifier: "PI", id: "842610001")
    static let clinic = X12Party(
        name: "BONE AND JOINT CLINIC", qualifier: "XX", id: "1234567893")

    static func member(_ last: String, _ first: String, _ id: String) -> X12Party {
        X12Party(name: last, firstName: first, qualifier: "MI", id: id)
    }

    static func eligibility(_ count: Int) -> SetContent {
        let outcomes = (0..<count).map { index in
            EligibilityOutcome(
                trace: "93175-01254\(index)", traceOriginator: "9877281234", payer: payer,
                provider: clinic, subscriber: member("SMITH", "ROBERT", "1112233330\(index)"),
                birth: ("19430519", "M"),
                answer: index % 2 == 0
                    ? .benefits(
                        [
                            .init(code: "1", serviceTypes: ["30", "35"], plan: "GOLD 123 PLAN"),
                            .init(
                                code: "C", coverage: "IND", serviceTypes: ["30"],
                                amount: Cents(50_000)),
                        ], planBegin: "20240101")
                    : .rejected(reason: "75", followUp: "C"))
        }
        return EligibilityOutcome.response(
            outcomes, reference: "ELG0001", date: "20250106", time: "1530")
    }

    static func claims() throws -> SetContent {
        let acknowledgment = ClaimAcknowledgment(
            payer: X12Party(name: "DAYBOOK HEALTH PLAN", qualifier: "46", id: "DAYBOOK"),
            submitter: X12Party(name: "PREMIER BILLING SERVICE", qualifier: "46", id: "TGJ23"),
            batch: "2025010600001", claimReference: "CLM0001", receivedDate: "20250106",
            processedDate: "20250106",
            providers: [
                .init(
                    provider: X12Party(
                        name: "BEN KILDARE SERVICE", qualifier: "XX", id: "1234567893"),
                    claims: [
                        .init(
                            patient: member("SMITH", "JANE", "JS00111223333"),
                            claimNumber: "26463774", charge: Cents(10_000), isAccepted: true,
                            status: ("A2", "20", "PR"), payerClaimNumber: "DBK0000001",
                            service: X12Days("20241203")),
                        .init(
                            patient: member("BROWN", "ALAN", "AB00111224444"),
                            claimNumber: "26463776", charge: Cents(21_050), isAccepted: false,
                            status: ("A7", "562", "85"),
                            service: X12Days("20241215", "20241217")),
                    ])
            ])
        return try acknowledgment.response(
            reference: "277CA0001", date: "20250106", time: "1530")
    }

    static func remittance(paid: Int64 = 13_200) -> Remittance {
        Remittance(
            amount: Cents(paid - 200), method: "CHK", paymentDate: "20250106", trace: "12345",
            originator: "1512345678", productionDate: "20250105",
            payer: X12Party(name: "DENTAL OF ABC"),
            payerAddress: X12Address(
                street: "225 MAIN STREET", city: "CENTERVILLE", state: "PA", zip: "17111"),
            contact: ("JANE DOE", "9005555555"),
            payee: X12Party(name: "BAN DDS LLC", qualifier: "XX", id: "1234567893"),
            claims: [
                .init(
                    claimNumber: "7722337", status: "1", charge: Cents(22_600), paid: Cents(13_200),
                    patientResponsibility: Cents(1_000), filing: "12",
                    payerClaimNumber: "119932404007801",
                    patient: member("DOE", "SANDY", "SJD11112"),
                    services: [
                        .init(
                            procedure: ("AD", "D0120"), charge: Cents(20_100), paid: Cents(11_801),
                            days: X12Days("20241201"),
                            adjustments: [
                                .init(group: "CO", reason: "45", amount: Cents(7_299)),
                                .init(group: "PR", reason: "1", amount: Cents(1_000)),
                            ]),
                        .init(
                            procedure: ("AD", "D0220"), charge: Cents(2_500), paid: Cents(1_399),
                            days: X12Days("20241201", "20241202"),
                            adjustments: [
                                .init(group: "CO", reason: "45", amount: Cents(1_101))
                            ]),
                    ])
            ],
            providerAdjustments: [
                .init(
                    provider: "1234567893", fiscalPeriod: "20251231", reason: ("72", "ACCT1"),
                    amount: Cents(200))
            ])
    }

    static func enrollment() -> SetContent {
        let address = X12Address(
            street: "101 MARKET ST", street2: "APT 1", city: "CAMP HILL", state: "PA", zip: "17011")
        return Enrollment(
            isFull: true,
            sponsor: X12Party(name: "DAYBOOK SPONSOR", qualifier: "FI", id: "999888777"),
            payer: X12Party(name: "DAYBOOK HEALTH PLAN", qualifier: "FI", id: "654456654"),
            effectiveDate: "20250101",
            members: [
                .init(
                    isSubscriber: true, relationship: "18", maintenance: ("030", "XN"),
                    employment: "FT", subscriberNumber: "100000001", policy: "123456001",
                    name: X12Party(
                        name: "ROE", firstName: "JANE", qualifier: "34", id: "900000001"),
                    address: address, birth: ("19410816", "F"),
                    coverages: [.init(maintenance: "030", line: "HLT", begin: "20240601")]),
                .init(
                    isSubscriber: false, relationship: "19", maintenance: ("030", "XN"),
                    subscriberNumber: "100000001", policy: "123456001",
                    name: X12Party(
                        name: "ROE", firstName: "PAUL", qualifier: "34", id: "900000003"),
                    birth: ("20150816", "M"),
                    coverages: [
                        .init(
                            maintenance: "024", line: "HLT", begin: "20240601", end: "20241231")
                    ]),
            ]
        ).response(reference: "ENR0001", date: "20250106", time: "1200")
    }

    /// An interchange with one group for each list of sets.
    static func interchange(
        _ groups: [[SetContent]], number: Int, delimiters: X12Delimiters = X12Delimiters()
    ) throws -> [UInt8] {
        var builder = try InterchangeBuilder(envelope(delimiters), controlNumber: number)
        for (index, sets) in groups.enumerated() {
            try builder.beginGroup(
                setID: sets[0].setID, version: sets[0].version, controlNumber: number + index)
            for (place, set) in sets.enumerated() { try builder.add(set, controlNumber: place + 1) }
        }
        return builder.finish()
    }

    /// The 999 that answers a file of the vectors.
    static func acknowledgment(_ file: String) throws -> SetContent {
        let results = try Vectors.results(Vectors.bytes(file), partners: Vectors.partners())
        struct NoGroup: Error {}
        guard let group = results.first?.groups?.first else { throw NoGroup() }
        return group.acknowledgment()
    }

    static func interchangeAnswer(_ file: String) throws -> [UInt8] {
        let results = try Vectors.results(Vectors.bytes(file), partners: Vectors.partners())
        var builder = try InterchangeBuilder(envelope(), controlNumber: 900)
        if let ta1 = results.first?.ta1 { try builder.add(ta1) }
        return builder.finish()
    }

    /// Every golden by its name.
    static func all() throws -> [String: [UInt8]] {
        let pipes = X12Delimiters(
            element: UInt8(ascii: "|"), repetition: UInt8(ascii: "!"), component: UInt8(ascii: ">"),
            terminator: UInt8(ascii: "'"))
        return [
            "271.edi": try interchange([[eligibility(3)]], number: 301),
            "271-benefits.edi": try interchange([[eligibility(1)]], number: 313),
            "271-groups.edi": try interchange(
                [[eligibility(1), eligibility(2)], [eligibility(1)]], number: 302),
            "277ca.edi": try interchange([[claims()]], number: 303),
            "277ca-delimiters.edi": try interchange([[claims()]], number: 304, delimiters: pipes),
            "835.edi": try interchange([[remittance().response()]], number: 305),
            "834.edi": try interchange([[enrollment()]], number: 306),
            "999-accepted.edi": try interchange(
                [[acknowledgment("valid/v42_gs06_no_padding_st02_padded.edi")]], number: 307),
            "999-elements.edi": try interchange(
                [[acknowledgment("broken/b142_two_errors_in_one_set.edi")]], number: 308),
            "999-conditional.edi": try interchange(
                [[acknowledgment("broken/b133_conditional_per05_without_per06.edi")]], number: 309),
            "999-partial.edi": try interchange(
                [[acknowledgment("broken/b078_se01_wrong_second_of_three.edi")]], number: 310),
            "999-component.edi": try interchange(
                [[acknowledgment("broken/b139_component_separator_mixed.edi")]], number: 311),
            "999-835.edi": try interchange(
                [[acknowledgment("broken/b121_bad_code_clp02_835.edi")]], number: 312),
            "ta1-accepted.edi": try interchangeAnswer("valid/v34_min_control_numbers.edi"),
            "ta1-rejected.edi": try interchangeAnswer("broken/b001_iea02_mismatch.edi"),
        ]
    }
}
