import X12

extension Remittance: LineFields {
    static var blank: Remittance {
        Remittance(
            amount: Cents(0), method: "", paymentDate: "", trace: "", originator: "",
            productionDate: "", payer: .blank, payerAddress: .blank, contact: ("", ""),
            payee: .blank, claims: [])
    }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.amount("amount", &amount)
        v.text("method", &method, .text(3, least: 3))
        var line = transfer.isEmpty ? nil : TransferLine(transfer)
        v.object("transfer", &line)
        transfer = line?.elements ?? []
        v.text("paymentDate", &paymentDate, .date)
        v.text("trace", &trace, .text(50))
        v.text("originator", &originator, .text(10, least: 10))
        v.text("productionDate", &productionDate, .date)
        v.object("payer", &payer)
        v.object("payerAddress", &payerAddress)
        var person = TextsLine(
            [("name", .text(60)), ("telephone", .text(256))], [contact.name, contact.telephone])
        v.object("contact", &person)
        contact = (person.texts[0], person.texts[1])
        v.object("payee", &payee)
        v.objects("claims", &claims, lineListMax)
        v.objects("providerAdjustments", &providerAdjustments, lineListMax)
    }
}

/// BPR05 to BPR15: how money is transferred, from where and to where.
private struct TransferLine: LineFields {
    private var format = ""
    private var from = AccountLine()
    private var originator = ""
    private var supplement = ""
    private var to = AccountLine()

    static var blank: TransferLine { TransferLine([]) }

    init(_ elements: [String]) {
        func element(_ index: Int) -> String { index < elements.count ? elements[index] : "" }
        format = element(0)
        from = AccountLine((1...4).map(element))
        originator = element(5)
        supplement = element(6)
        to = AccountLine((7...10).map(element))
    }

    var elements: [String] {
        [format] + from.elements + [originator, supplement] + to.elements
    }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.text("format", &format, .text(10))
        v.object("from", &from)
        v.text("originator", &originator, .text(10, least: 10))
        v.text("supplement", &supplement, .text(9, least: 9).optional)
        v.object("to", &to)
    }
}

/// A bank and an account at it.
private struct AccountLine: LineFields {
    private var bankQualifier = ""
    private var bank = ""
    private var accountQualifier = ""
    private var account = ""

    static var blank: AccountLine { AccountLine() }

    init() {}

    init(_ elements: [String]) {
        (bankQualifier, bank) = (elements[0], elements[1])
        (accountQualifier, account) = (elements[2], elements[3])
    }

    var elements: [String] { [bankQualifier, bank, accountQualifier, account] }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.text("bankQualifier", &bankQualifier, .text(2, least: 2))
        v.text("bank", &bank, .text(12, least: 3))
        v.text("accountQualifier", &accountQualifier, .text(3))
        v.text("account", &account, .text(35))
    }
}

extension Remittance.Claim: LineFields {
    static var blank: Self {
        Self(
            claimNumber: "", status: "", charge: Cents(0), paid: Cents(0), filing: "",
            payerClaimNumber: "", patient: .blank, services: [])
    }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.text("claimNumber", &claimNumber, .text(38))
        v.text("status", &status, .text(2))
        v.amount("charge", &charge)
        v.amount("paid", &paid)
        v.amount("patientResponsibility", &patientResponsibility)
        v.text("filing", &filing, .text(2))
        v.text("payerClaimNumber", &payerClaimNumber, .text(50))
        v.object("patient", &patient)
        v.objects("adjustments", &adjustments, lineListMax)
        v.objects("services", &services, lineListMax)
    }
}

extension Remittance.Service: LineFields {
    static var blank: Self {
        Self(procedure: ("", ""), charge: Cents(0), paid: Cents(0), days: .blank)
    }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        var line = TextsLine(
            [("qualifier", .text(2, least: 2)), ("code", .text(48))],
            [procedure.qualifier, procedure.code])
        v.object("procedure", &line)
        procedure = (line.texts[0], line.texts[1])
        v.amount("charge", &charge)
        v.amount("paid", &paid)
        v.object("days", &days)
        v.objects("adjustments", &adjustments, lineListMax)
    }
}

extension Remittance.Adjustment: LineFields {
    static var blank: Self { Self(group: "", reason: "", amount: Cents(0)) }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.text("group", &group, .text(2))
        v.text("reason", &reason, .text(5))
        v.amount("amount", &amount)
    }
}

extension Remittance.ProviderAdjustment: LineFields {
    static var blank: Self {
        Self(provider: "", fiscalPeriod: "", reason: ("", ""), amount: Cents(0))
    }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.text("provider", &provider, .text(50))
        v.text("fiscalPeriod", &fiscalPeriod, .date)
        var line = TextsLine(
            [("code", .text(2)), ("reference", .text(50).optional)],
            [reason.code, reason.reference])
        v.object("reason", &line)
        reason = (line.texts[0], line.texts[1])
        v.amount("amount", &amount)
    }
}
