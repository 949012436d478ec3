import X12

/// A member of a plan, as a member file tells one: a line of JSON.
///
/// What is to be done about the member is not in it; that follows from the file before.
public struct EnrollmentMember: Equatable, Sendable {
    /// A coverage.
    public struct Coverage: Equatable, Sendable {
        /// HD03, such as `HLT`.
        public var line: String
        /// DTP*348, CCYYMMDD.
        public var begin: String
        /// DTP*349, CCYYMMDD.
        public var end: String?

        /// A coverage.
        public init(line: String, begin: String, end: String? = nil) {
            self.line = line
            self.begin = begin
            self.end = end
        }
    }

    /// The source's name for the member, which stays the same; unique in its file.
    public var id: String
    /// INS01.
    public var isSubscriber: Bool
    /// INS02.
    public var relationship: String
    /// INS08.
    public var employment: String
    /// REF*0F.
    public var subscriberNumber: String
    /// REF*1L.
    public var policy: String?
    /// NM1*IL.
    public var name: X12Party
    /// N3 and N4.
    public var address: X12Address?
    /// DMG02 and DMG03.
    public var birth: (date: String, sex: String)?
    /// HD, at most 60.
    public var coverages: [Coverage]

    /// A member.
    public init(
        id: String, isSubscriber: Bool, relationship: String, employment: String = "",
        subscriberNumber: String, policy: String? = nil, name: X12Party,
        address: X12Address? = nil, birth: (date: String, sex: String)? = nil,
        coverages: [Coverage]
    ) {
        self.id = id
        self.isSubscriber = isSubscriber
        self.relationship = relationship
        self.employment = employment
        self.subscriberNumber = subscriberNumber
        self.policy = policy
        self.name = name
        self.address = address
        self.birth = birth
        self.coverages = coverages
    }

    /// Whether two members are the same.
    public static func == (left: EnrollmentMember, right: EnrollmentMember) -> Bool {
        left.id == right.id
            && left.x12(.full, "") == right.x12(.full, "")
    }

    /// The line, without its end.
    ///
    /// The same member gives the same bytes.
    public func encoded() -> [UInt8] { LineEncoder.encode(self) }

    /// What is told of a member.
    enum Change: Equatable {
        /// What it is.
        case full
        /// It was not in the file before.
        case added
        /// It was another one; coverages of the lines `dropped` are no more, those of `kept` were.
        case changed(kept: Set<String>, dropped: [String])
        /// It is no more.
        case terminated
    }

    /// The member of an 834; what ends without a day of its own ends on the effective date.
    func x12(_ change: Change, _ effectiveDate: String) -> Enrollment.Member {
        let maintenance: (type: String, reason: String)
        var list: [Enrollment.Coverage] = []
        switch change {
        case .full:
            // XN: for information only.
            maintenance = ("030", "XN")
            list = coverages.map { $0.x12("030") }
        case .added:
            // AI: no reason is given.
            maintenance = ("021", "AI")
            list = coverages.map { $0.x12("021") }
        case .changed(let kept, let dropped):
            maintenance = ("001", "AI")
            list = coverages.map { $0.x12(kept.contains($0.line) ? "001" : "021") }
            list += dropped.map { .init(maintenance: "024", line: $0, end: effectiveDate) }
        case .terminated:
            maintenance = ("024", "AI")
            list = coverages.map {
                .init(
                    maintenance: "024", line: $0.line, begin: $0.begin, end: $0.end ?? effectiveDate
                )
            }
        }
        return Enrollment.Member(
            isSubscriber: isSubscriber, relationship: relationship, maintenance: maintenance,
            employment: employment, subscriberNumber: subscriberNumber, policy: policy,
            name: name, address: address, birth: birth, coverages: list)
    }
}

extension EnrollmentMember.Coverage {
    fileprivate func x12(_ maintenance: String) -> Enrollment.Coverage {
        Enrollment.Coverage(maintenance: maintenance, line: line, begin: begin, end: end)
    }
}

extension EnrollmentMember: LineFields {
    static var blank: EnrollmentMember {
        EnrollmentMember(
            id: "", isSubscriber: false, relationship: "", subscriberNumber: "", name: .blank,
            coverages: [])
    }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.text("id", &id, .name(64))
        v.flag("subscriber", &isSubscriber)
        v.text("relationship", &relationship, .text(2, least: 2))
        v.text("employment", &employment, .text(2, least: 2).optional)
        v.text("subscriberNumber", &subscriberNumber, .text(50))
        v.text("policy", &policy, .text(50))
        v.object("name", &name)
        v.object("address", &address)
        BirthLine.withSex(&birth, &v)
        // With those that a change drops, one of each line, they stay below the 99 of an 834.
        v.objects("coverages", &coverages, 0...60)
    }
}

extension EnrollmentMember.Coverage: LineFields {
    static var blank: Self { Self(line: "", begin: "") }

    mutating func fields<V: LineVisitor>(_ v: inout V) {
        v.text("line", &line, .text(3, least: 2))
        v.text("begin", &begin, .date)
        v.text("end", &end, .date)
        if let end, end < begin {
            v.refuse("end", "is before 'begin'", "write the days in their order")
        }
    }
}
