import X12

extension ClaimAcknowledgment: LineFields {
    static var blank: ClaimAcknowledgment {
        ClaimAcknowledgment(
            payer: .blank, submitter: .blank, batch: "", claimReference: "", receivedDate: "",
            processedDate: "", providers: [])
    }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.object("payer", &payer)
        v.object("submitter", &submitter)
        v.text("batch", &batch, .text(50))
        v.text("claimReference", &claimReference, .text(50))
        v.text("receivedDate", &receivedDate, .date)
        v.text("processedDate", &processedDate, .date)
        v.objects("providers", &providers, lineListMax)
    }
}

extension ClaimAcknowledgment.Provider: LineFields {
    static var blank: Self { Self(provider: .blank, claims: []) }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.object("provider", &provider)
        v.objects("claims", &claims, lineListMax)
    }
}

extension ClaimAcknowledgment.Claim: LineFields {
    static var blank: Self {
        Self(
            patient: .blank, claimNumber: "", charge: Cents(0), isAccepted: false,
            status: ("", "", ""), service: .blank)
    }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.object("patient", &patient)
        v.text("claimNumber", &claimNumber, .text(38))
        v.amount("charge", &charge)
        v.flag("accepted", &isAccepted)
        var line = TextsLine(
            [("category", .text(30)), ("code", .text(30)), ("entity", .text(3).optional)],
            [status.category, status.code, status.entity])
        v.object("status", &line)
        status = (line.texts[0], line.texts[1], line.texts[2])
        v.text("payerClaimNumber", &payerClaimNumber, .text(50))
        v.object("service", &service)
    }
}
