/// What becomes of the claims of one 837 file, as a 277CA tells it.
public struct ClaimAcknowledgment: Equatable, Sendable {
    /// One claim.
    public struct Claim: Equatable, Sendable {
        /// NM1*QC.
        public var patient: X12Party
        /// CLM01.
        public var claimNumber: String
        /// CLM02.
        public var charge: Cents
        /// Whether it goes on to adjudication (STC03 `WQ`), or not (`U`).
        public var isAccepted: Bool
        /// STC01: the category (`A2` where accepted), the status code, and the entity.
        public var status: (category: String, code: String, entity: String)
        /// REF*1K: the payer's number of an accepted claim.
        public var payerClaimNumber: String?
        /// DTP*472.
        public var service: X12Days

        /// A claim.
        public init(
            patient: X12Party, claimNumber: String, charge: Cents, isAccepted: Bool,
            status: (category: String, code: String, entity: String),
            payerClaimNumber: String? = nil, service: X12Days
        ) {
            self.patient = patient
            self.claimNumber = claimNumber
            self.charge = charge
            self.isAccepted = isAccepted
            self.status = status
            self.payerClaimNumber = payerClaimNumber
            self.service = service
        }

        /// Whether two claims are the same.
        public static func == (left: Claim, right: Claim) -> Bool {
            left.patient == right.patient && left.claimNumber == right.claimNumber
                && left.charge == right.charge && left.isAccepted == right.isAccepted
                && left.status == right.status && left.payerClaimNumber == right.payerClaimNumber
                && left.service == right.service
        }
    }

    /// The claims of one billing provider.
    public struct Provider: Equatable, Sendable {
        /// NM1*85.
        public var provider: X12Party
        /// Its claims.
        public var claims: [Claim]

        /// A provider's claims.
        public init(provider: X12Party, claims: [Claim]) {
            self.provider = provider
            self.claims = claims
        }
    }

    /// NM1*PR, with qualifier `46` or another that the guide has.
    public var payer: X12Party
    /// NM1*41: who sent the claims.
    public var submitter: X12Party
    /// TRN02 of the payer's level: our name of the batch.
    public var batch: String
    /// TRN02 of the submitter's level: BHT03 of the claims.
    public var claimReference: String
    /// CCYYMMDD: when the file came.
    public var receivedDate: String
    /// CCYYMMDD: when it was worked on.
    public var processedDate: String
    /// The claims by billing provider.
    public var providers: [Provider]

    /// An acknowledgment.
    public init(
        payer: X12Party, submitter: X12Party, batch: String, claimReference: String,
        receivedDate: String, processedDate: String, providers: [Provider]
    ) {
        self.payer = payer
        self.submitter = submitter
        self.batch = batch
        self.claimReference = claimReference
        self.receivedDate = receivedDate
        self.processedDate = processedDate
        self.providers = providers
    }

    /// The 277CA.
    ///
    /// - Throws: `valueInvalid` where the amounts are too large to add up.
    public func response(
        reference: String, date: String, time: String
    ) throws(X12Error) -> SetContent {
        let claims = providers.flatMap(\.claims)
        var segments = [
            ["BHT", "0085", "08", reference, date, time, "TH"], ["HL", "1", "", "20", "1"],
            payer.nm1("PR"), ["TRN", "1", batch], ["DTP", "050", "D8", receivedDate],
            ["DTP", "009", "D8", processedDate],
            ["HL", "2", "1", "21", providers.isEmpty ? "0" : "1"], submitter.nm1("41"),
            ["TRN", "2", claimReference],
        ]
        let status = SetContent.component("A1", "19", "PR")
        let total = try Self.total(claims)
        segments.append(["STC", status, processedDate, "WQ", total.element])
        segments += try Self.totals(claims, accepted: "90", rejected: "AA")
        var level = 2
        for provider in providers {
            level += 1
            let parent = level
            segments.append(["HL", String(level), "2", "19", provider.claims.isEmpty ? "0" : "1"])
            segments.append(provider.provider.nm1("85"))
            segments.append(["TRN", "1", "0"])
            let total = try Self.total(provider.claims)
            segments.append(["STC", status, "", "WQ", total.element])
            segments += try Self.totals(provider.claims, accepted: "QA", rejected: "QC")
            for claim in provider.claims {
                level += 1
                segments.append(["HL", String(level), String(parent), "PT"])
                segments += claimSegments(claim)
            }
        }
        return SetContent(setID: "277", version: "005010X214", segments: segments)
    }

    private func claimSegments(_ claim: Claim) -> [[String]] {
        let status = claim.status
        var segments = [
            claim.patient.nm1("QC"), ["TRN", "2", claim.claimNumber],
            [
                "STC", SetContent.component(status.category, status.code, status.entity),
                processedDate, claim.isAccepted ? "WQ" : "U", claim.charge.element,
            ],
        ]
        if let number = claim.payerClaimNumber { segments.append(["REF", "1K", number]) }
        segments.append(claim.service.dtp("472"))
        return segments
    }

    private static func total(_ claims: [Claim]) throws(X12Error) -> Cents {
        guard let total = Cents.sum(claims.map(\.charge)) else {
            throw X12Error(
                .valueInvalid, "the charges are too large to add up; split the acknowledgment")
        }
        return total
    }

    /// QTY and AMT of what was accepted, and of what was not.
    private static func totals(
        _ claims: [Claim], accepted: String, rejected: String
    ) throws(X12Error) -> [[String]] {
        let taken = claims.filter(\.isAccepted)
        let refused = claims.filter { !$0.isAccepted }
        var segments: [[String]] = []
        if !taken.isEmpty { segments.append(["QTY", accepted, String(taken.count)]) }
        if !refused.isEmpty { segments.append(["QTY", rejected, String(refused.count)]) }
        if !taken.isEmpty { segments.append(["AMT", "YU", try total(taken).element]) }
        if !refused.isEmpty { segments.append(["AMT", "YY", try total(refused).element]) }
        return segments
    }
}
