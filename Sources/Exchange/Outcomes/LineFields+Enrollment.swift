import X12

extension Enrollment: LineFields {
    static var blank: Enrollment {
        Enrollment(isFull: false, sponsor: .blank, payer: .blank, effectiveDate: "", members: [])
    }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.flag("full", &isFull)
        v.object("sponsor", &sponsor)
        v.object("payer", &payer)
        v.text("effectiveDate", &effectiveDate, .date)
        v.objects("members", &members, 1...lineListMax.upperBound)
    }
}

extension Enrollment.Member: LineFields {
    static var blank: Self {
        Self(
            isSubscriber: false, relationship: "", maintenance: ("", ""), subscriberNumber: "",
            name: .blank, coverages: [])
    }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.flag("subscriber", &isSubscriber)
        v.text("relationship", &relationship, .text(2, least: 2))
        var line = TextsLine(
            [("type", .text(3, least: 3)), ("reason", .text(3, least: 2).optional)],
            [maintenance.type, maintenance.reason])
        v.object("maintenance", &line)
        maintenance = (line.texts[0], line.texts[1])
        v.text("employment", &employment, .text(2, least: 2).optional)
        v.text("subscriberNumber", &subscriberNumber, .text(50))
        v.text("policy", &policy, .text(50))
        v.object("name", &name)
        v.object("address", &address)
        BirthLine.withSex(&birth, &v)
        v.objects("coverages", &coverages, 0...99)
    }
}

extension Enrollment.Coverage: LineFields {
    static var blank: Self { Self(maintenance: "", line: "") }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.text("maintenance", &maintenance, .text(3, least: 3))
        v.text("line", &line, .text(3, least: 2))
        v.text("begin", &begin, .date)
        v.text("end", &end, .date)
        if begin == nil && end == nil {
            v.refuse("begin", "and 'end' are missing", "add one of the two")
        }
    }
}

extension BirthLine {
    /// The field `birth` of a member, where the guide requires the sex too.
    static func withSex<V: LineVisitor>(
        _ birth: inout (date: String, sex: String)?, _ v: inout V
    ) {
        var line = birth.map(BirthLine.init)
        v.object("birth", &line)
        if line?.sex.isEmpty == true { v.refuse("birth.sex", "is missing", "add the field") }
        birth = line.map { ($0.date, $0.sex) }
    }
}
