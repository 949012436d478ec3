/// An amount in cents, written as X12 writes decimals: no needless zeros, no plus sign.
public struct Cents: Hashable, Comparable, Sendable {
    /// The cents.
    public var value: Int64

    /// An amount.
    public init(_ value: Int64) { self.value = value }

    /// Whether the left is less.
    public static func < (left: Cents, right: Cents) -> Bool { left.value < right.value }

    /// The amount as an element of type R.
    public var element: String {
        let magnitude = value.magnitude
        var text = (value < 0 ? "-" : "") + String(magnitude / 100)
        let rest = magnitude % 100
        if rest > 0 {
            text += "." + InterchangeBuilder.zeros(Int(rest), 2)
            if rest % 10 == 0 { text.removeLast() }
        }
        return text
    }

    /// The sum; none where it does not fit.
    static func sum(_ amounts: some Sequence<Cents>) -> Cents? {
        var total: Int64 = 0
        for amount in amounts {
            let (sum, overflow) = total.addingReportingOverflow(amount.value)
            if overflow { return nil }
            total = sum
        }
        return Cents(total)
    }
}

/// A person or an organisation, as NM1 and N1 name one.
public struct X12Party: Equatable, Sendable {
    /// The last name, or the organisation's.
    public var name: String
    /// The first name; a party that has one is a person.
    public var firstName: String?
    /// NM108, such as `XX`, `MI`, `PI`, `46`; empty where there is no id.
    public var qualifier: String
    /// NM109.
    public var id: String

    /// A party.
    public init(name: String, firstName: String? = nil, qualifier: String = "", id: String = "") {
        self.name = name
        self.firstName = firstName
        self.qualifier = qualifier
        self.id = id
    }

    /// NM1 under an entity code.
    func nm1(_ entity: String) -> [String] {
        [
            "NM1", entity, firstName == nil ? "2" : "1", name, firstName ?? "", "", "", "",
            qualifier, id,
        ]
    }
}

/// A postal address in the United States.
public struct X12Address: Equatable, Sendable {
    /// N301.
    public var street: String
    /// N302.
    public var street2: String
    /// N401.
    public var city: String
    /// N402.
    public var state: String
    /// N403.
    public var zip: String

    /// An address.
    public init(street: String, street2: String = "", city: String, state: String, zip: String) {
        self.street = street
        self.street2 = street2
        self.city = city
        self.state = state
        self.zip = zip
    }

    /// N3 and N4.
    var segments: [[String]] { [["N3", street, street2], ["N4", city, state, zip]] }
}

/// Days of service: one, or the first and the last.
public struct X12Days: Equatable, Sendable {
    /// CCYYMMDD.
    public var first: String
    /// CCYYMMDD, where it is another.
    public var last: String?

    /// Days.
    public init(_ first: String, _ last: String? = nil) {
        self.first = first
        self.last = last
    }

    /// DTP under a qualifier.
    func dtp(_ qualifier: String) -> [String] {
        guard let last, last != first else { return ["DTP", qualifier, "D8", first] }
        return ["DTP", qualifier, "RD8", "\(first)-\(last)"]
    }
}
