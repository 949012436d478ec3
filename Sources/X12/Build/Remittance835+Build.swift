extension Remittance {
    /// The 835.
    ///
    /// - Throws: `unbalanced` where it does not add up to the cent, naming the claim by its place
    ///   and the line by its own; `valueInvalid` where sums are too large.
    public func response() throws(X12Error) -> SetContent {
        try balance()
        var bpr = ["BPR", "I", amount.element, "C", method]
        bpr += transfer.prefix(11)
        bpr += Array(repeating: "", count: max(0, 16 - bpr.count)) + [paymentDate]
        var segments = [
            bpr, ["TRN", "1", trace, originator], ["DTM", "405", productionDate],
            ["N1", "PR", payer.name],
        ]
        segments += payerAddress.segments
        segments.append(["PER", "BL", contact.name, "TE", contact.telephone])
        segments.append(["N1", "PE", payee.name, payee.qualifier, payee.id])
        if !claims.isEmpty { segments.append(["LX", "1"]) }
        for claim in claims { segments += Self.segments(claim) }
        for adjustment in providerAdjustments {
            let reason = SetContent.component(adjustment.reason.code, adjustment.reason.reference)
            segments.append([
                "PLB", adjustment.provider, adjustment.fiscalPeriod, reason,
                adjustment.amount.element,
            ])
        }
        return SetContent(setID: "835", version: "005010X221A1", segments: segments)
    }

    private static func segments(_ claim: Claim) -> [[String]] {
        var segments = [
            [
                "CLP", claim.claimNumber, claim.status, claim.charge.element, claim.paid.element,
                claim.patientResponsibility?.element ?? "", claim.filing, claim.payerClaimNumber,
            ]
        ]
        segments += adjustments(claim.adjustments)
        segments.append(claim.patient.nm1("QC"))
        for service in claim.services {
            segments.append([
                "SVC",
                SetContent.component(service.procedure.qualifier, service.procedure.code),
                service.charge.element, service.paid.element,
            ])
            if let last = service.days.last, last != service.days.first {
                segments.append(["DTM", "150", service.days.first])
                segments.append(["DTM", "151", last])
            } else {
                segments.append(["DTM", "472", service.days.first])
            }
            segments += adjustments(service.adjustments)
        }
        return segments
    }

    /// A CAS for each group code, in the order that they are first met, six reasons in each.
    private static func adjustments(_ adjustments: [Adjustment]) -> [[String]] {
        var groups: [String] = []
        for adjustment in adjustments where !groups.contains(adjustment.group) {
            groups.append(adjustment.group)
        }
        var segments: [[String]] = []
        for group in groups {
            let reasons = adjustments.filter { $0.group == group }
            for start in stride(from: 0, to: reasons.count, by: 6) {
                var segment = ["CAS", group]
                for (index, reason) in reasons[start..<min(start + 6, reasons.count)].enumerated() {
                    if index > 0 { segment.append("") }
                    segment += [reason.reason, reason.amount.element]
                }
                segments.append(segment)
            }
        }
        return segments
    }

    // MARK: the balance

    private func balance() throws(X12Error) {
        for (index, claim) in claims.enumerated() {
            let place = "claim \(index + 1) of the payment"
            for (line, service) in claim.services.enumerated() {
                try Self.balance(
                    service.charge, service.paid, service.adjustments,
                    "line \(line + 1) of \(place)")
            }
            try Self.balance(
                claim.charge, claim.paid,
                claim.adjustments + claim.services.flatMap(\.adjustments), place)
            if !claim.services.isEmpty {
                try Self.expect(
                    Cents.sum(claim.services.map(\.charge)), claim.charge, "the charges of \(place)"
                )
            }
        }
        guard let paid = Cents.sum(claims.map(\.paid)),
            let less = Cents.sum(providerAdjustments.map(\.amount))
        else { throw Self.tooLarge }
        let (due, overflow) = paid.value.subtractingReportingOverflow(less.value)
        if overflow { throw Self.tooLarge }
        try Self.expect(Cents(due), amount, "the payment")
    }

    private static func balance(
        _ charge: Cents, _ paid: Cents, _ adjustments: [Adjustment], _ place: String
    ) throws(X12Error) {
        guard let less = Cents.sum(adjustments.map(\.amount)) else { throw tooLarge }
        let (difference, overflow) = charge.value.subtractingReportingOverflow(paid.value)
        if overflow { throw tooLarge }
        try expect(less, Cents(difference), place)
    }

    private static func expect(
        _ sum: Cents?, _ stated: Cents, _ place: String
    ) throws(X12Error) {
        guard let sum else { throw tooLarge }
        if sum != stated {
            throw X12Error(
                .unbalanced,
                "the sum of the parts is not what is stated, by the cent, in \(place); correct it")
        }
    }

    private static var tooLarge: X12Error {
        X12Error(.valueInvalid, "the amounts are too large to add up; split the payment")
    }
}
