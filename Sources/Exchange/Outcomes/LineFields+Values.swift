import X12

/// The most elements of a list; a line ends long before.
let lineListMax = 0...100_000

extension X12Party: LineFields {
    static var blank: X12Party { X12Party(name: "") }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.text("name", &name, .text(60))
        v.text("firstName", &firstName, .text(35))
        v.text("qualifier", &qualifier, .text(2).optional)
        v.text("id", &id, .text(80, least: 2).optional)
        if qualifier.isEmpty != id.isEmpty {
            v.refuse("id", "and 'qualifier' do not stand together", "give both or none")
        }
    }
}

extension X12Address: LineFields {
    static var blank: X12Address { X12Address(street: "", city: "", state: "", zip: "") }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.text("street", &street, .text(55))
        v.text("street2", &street2, .text(55).optional)
        v.text("city", &city, .text(30, least: 2))
        v.text("state", &state, .text(2, least: 2))
        v.text("zip", &zip, .text(15, least: 3))
    }
}

extension X12Days: LineFields {
    static var blank: X12Days { X12Days("") }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.text("first", &first, .date)
        v.text("last", &last, .date)
        if let last, last < first {
            v.refuse("last", "is before 'first'", "write the days in their order")
        }
    }
}

/// DMG02 and DMG03, as a field holds them.
struct BirthLine: LineFields {
    var date = ""
    var sex = ""

    static var blank: BirthLine { BirthLine() }

    init() {}

    init(_ birth: (date: String, sex: String)) { (date, sex) = birth }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.text("date", &date, .date)
        v.text("sex", &sex, .text(1).optional)
    }
}

/// Two or three texts that X12 keeps together, under names of their own.
struct TextsLine: LineFields {
    var texts: [String]
    private let names: [(String, LineRule)]

    static var blank: TextsLine { TextsLine([]) }

    /// Fields by name and rule, with their values.
    init(_ names: [(String, LineRule)], _ texts: [String] = []) {
        self.names = names
        self.texts = texts + Array(repeating: "", count: max(0, names.count - texts.count))
    }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        for (index, (name, rule)) in names.enumerated() { v.text(name, &texts[index], rule) }
    }
}
