import Exchange
import Foundation
import X12

/// Outcomes of every type, made up.
enum Samples {
    static let payer = X12Party(name: "DAYBOOK HEALTH PLAN", qualifier: "PI", id: "842610001")
    static let clinic = X12Party(
        name: "BONE AND JOINT CLINIC", qualifier: "XX", id: "1234567893")

    /// Another provider: what validates a 271 refuses a second subscriber of one, against the guide.
    static func provider(_ number: Int) -> X12Party {
        X12Party(name: "CLINIC \(number)", qualifier: "XX", id: "123456789\(number)")
    }

    static func person(_ number: Int, _ qualifier: String = "MI") -> X12Party {
        X12Party(
            name: "LAST\(number)", firstName: "FIRST", qualifier: qualifier, id: "M\(1000 + number)"
        )
    }

    @Sendable static func eligibility(_ number: Int) -> Outcome.Body {
        var inquiries: [EligibilityOutcome] = []
        for index in 0...(number % 3) {
            inquiries.append(
                EligibilityOutcome(
                    trace: "TRACE-\(number)-\(index)", traceOriginator: "9877281234",
                    payer: payer, provider: index == 0 ? clinic : provider(index),
                    subscriber: person(number),
                    birth: index == 1 ? nil : ("19430519", index == 0 ? "M" : ""),
                    answer: .benefits(
                        [
                            .init(code: "1", serviceTypes: ["30", "35"], plan: "GOLD PLAN"),
                            .init(
                                code: "C", coverage: "IND", serviceTypes: ["30"],
                                amount: Cents(Int64(50_000 + number))),
                        ], planBegin: index == 0 ? "20240101" : nil)))
        }
        return .eligibility(
            EligibilityResponse(
                reference: number % 2 == 0 ? "INQ\(number)" : nil, inquiries: inquiries))
    }

    /// An inquiry that is rejected.
    @Sendable static func unknownSubscriber(_ number: Int) -> Outcome.Body {
        .eligibility(
            EligibilityResponse(inquiries: [
                EligibilityOutcome(
                    trace: "TRACE-\(number)", traceOriginator: "9877281234", payer: payer,
                    provider: clinic, subscriber: person(number),
                    answer: .rejected(reason: "75", followUp: "C"))
            ]))
    }

    @Sendable static func claims(_ number: Int) -> Outcome.Body {
        let claim = ClaimAcknowledgment.Claim(
            patient: person(number), claimNumber: "CLAIM\(number)",
            charge: Cents(Int64(10_000 + number)), isAccepted: true, status: ("A2", "20", "PR"),
            payerClaimNumber: "DBK\(number)", service: X12Days("20241203"))
        let refused = ClaimAcknowledgment.Claim(
            patient: person(number + 1), claimNumber: "CLAIM\(number)B", charge: Cents(21_050),
            isAccepted: false, status: ("A7", "562", "85"),
            service: X12Days("20241215", "20241217"))
        return .claims(
            ClaimAcknowledgment(
                payer: X12Party(name: "DAYBOOK HEALTH PLAN", qualifier: "46", id: "DAYBOOK"),
                submitter: X12Party(name: "PREMIER BILLING", qualifier: "46", id: "TGJ23"),
                batch: "BATCH\(number)", claimReference: "CLM\(number)",
                receivedDate: "20250106", processedDate: "20250106",
                providers: [
                    .init(provider: clinic, claims: number % 2 == 0 ? [claim, refused] : [claim])
                ]))
    }

    static func payment(_ number: Int) -> Remittance {
        let paid = Int64(13_200 + number)
        let lines: [Remittance.Service] = [
            .init(
                procedure: ("HC", "99213"), charge: Cents(20_100), paid: Cents(paid - 1_399),
                days: X12Days("20241201"),
                adjustments: [
                    .init(group: "CO", reason: "45", amount: Cents(20_100 - paid + 399)),
                    .init(group: "PR", reason: "1", amount: Cents(1_000)),
                ]),
            .init(
                procedure: ("HC", "85025"), charge: Cents(2_500), paid: Cents(1_399),
                days: X12Days("20241201", "20241202"),
                adjustments: [.init(group: "CO", reason: "45", amount: Cents(1_101))]),
        ]
        return Remittance(
            amount: Cents(paid - 200), method: number % 2 == 0 ? "CHK" : "ACH",
            transfer: number % 2 == 0
                ? []
                : [
                    "CCP", "01", "199999999", "DA", "123456", "1512345678", "", "01", "999988880",
                    "DA", "98765",
                ],
            paymentDate: "20250106", trace: "PAY\(number)", originator: "1512345678",
            productionDate: "20250105", payer: X12Party(name: "DAYBOOK HEALTH PLAN"),
            payerAddress: X12Address(
                street: "225 MAIN STREET", city: "CENTERVILLE", state: "PA", zip: "17111"),
            contact: ("PROVIDER LINE", "9005555555"), payee: clinic,
            claims: [
                .init(
                    claimNumber: "CLAIM\(number)", status: "1", charge: Cents(22_600),
                    paid: Cents(paid), patientResponsibility: Cents(1_000), filing: "12",
                    payerClaimNumber: "ICN\(number)", patient: person(number), services: lines)
            ],
            providerAdjustments: [
                .init(
                    provider: "1234567893", fiscalPeriod: "20251231", reason: ("72", "ACCT1"),
                    amount: Cents(200))
            ])
    }

    @Sendable static func enrollment(_ number: Int) -> Outcome.Body {
        let address = X12Address(
            street: "101 MARKET ST", street2: "APT 1", city: "CAMP HILL", state: "PA", zip: "17011")
        return .enrollment(
            Enrollment(
                isFull: number % 2 == 0,
                sponsor: X12Party(name: "DAYBOOK SPONSOR", qualifier: "FI", id: "999888777"),
                payer: X12Party(name: "DAYBOOK HEALTH PLAN", qualifier: "FI", id: "654456654"),
                effectiveDate: "20250101",
                members: [
                    .init(
                        isSubscriber: true, relationship: "18", maintenance: ("030", "XN"),
                        employment: "FT", subscriberNumber: "S\(number)", policy: "123456001",
                        name: person(number, "34"), address: address,
                        birth: ("19410816", "F"),
                        coverages: [.init(maintenance: "030", line: "HLT", begin: "20240601")]),
                    .init(
                        isSubscriber: false, relationship: "19", maintenance: ("030", "XN"),
                        subscriberNumber: "S\(number)", name: person(number + 1, "34"),
                        coverages: [
                            .init(
                                maintenance: "024", line: "DEN", begin: "20240601", end: "20241231")
                        ]),
                ]))
    }

    @Sendable static func acknowledgment(_ number: Int) -> Outcome.Body {
        let component = SetContent.componentMark
        return .implementationAcknowledgment([
            ["AK1", "HC", "\(100 + number)", "005010X222A1"],
            ["AK2", "837", "0001", "005010X222A1"], ["IK3", "CLM", "22", "2300", "8"],
            ["CTX", "CLM01\(component)CLAIM\(number)"],
            ["IK4", "5\(component)3", "1325", "7", "9"],
            ["IK5", "R", "5"], ["AK2", "837", "0002", "005010X222A1"], ["IK5", "A"],
            ["AK9", "P", "2", "2", "1"],
        ])
    }

    @Sendable static func interchange(_ number: Int) -> Outcome.Body {
        .interchangeAcknowledgment(
            TA1Content(
                controlNumber: "00000010\(number % 10)", date: "250106", time: "1530", code: "R",
                note: "021"))
    }

    /// A body of each type by its number.
    static let bodies: [(name: String, make: @Sendable (Int) -> Outcome.Body)] = [
        ("271", eligibility), ("271-rejected", unknownSubscriber), ("277ca", claims),
        ("835", { .remittance(payment($0)) }), ("834", enrollment), ("999", acknowledgment),
        ("ta1", interchange),
    ]

    static func outcome(_ number: Int, group: String? = nil, _ body: Outcome.Body) -> Outcome {
        let isOwn = Outcome.ownTypes.contains(body.type)
        return Outcome(
            partner: "CLINICA", id: isOwn ? nil : "OUT-\(number)",
            ingestion: number % 2 == 0 ? UInt64(number + 1) : nil, group: group, body: body)
    }

    static let types = Outcome.businessTypes.union(Outcome.ownTypes)

    static let pipes = X12Delimiters(
        element: UInt8(ascii: "|"), repetition: UInt8(ascii: "!"), component: UInt8(ascii: ">"),
        terminator: UInt8(ascii: "'"))

    /// The order of a file of outcomes, with numbers from 1 on.
    static func order(
        _ outcomes: [Outcome], number: UInt64 = 401, delimiters: X12Delimiters = X12Delimiters()
    ) -> CompositionOrder {
        var order = CompositionOrder(
            file: 4_711, sender: .init(qualifier: "ZZ", id: "DAYBOOK"),
            receiver: .init(qualifier: "ZZ", id: "CLINICA"), senderGroup: "DAYBOOK",
            receiverGroup: "CLINICA", usage: "T", delimiters: delimiters,
            // 2025-01-06T15:30:59.999999Z
            instant: 1_736_177_459_999_999, isaNumber: number, groupNumbers: [], setNumbers: [])
        if outcomes.first?.type == .interchangeAcknowledgment { return order }
        for index in order.groups(of: outcomes).indices {
            order.groupNumbers.append(number + UInt64(index))
        }
        order.setNumbers = outcomes.indices.map { UInt64($0 + 1) }
        return order
    }
}

/// SplitMix64: small, seeded, the same on every machine.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
