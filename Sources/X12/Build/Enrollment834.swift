/// The members of a plan, as an 834 tells them: all of them, or what has changed.
public struct Enrollment: Equatable, Sendable {
    /// A coverage: HD.
    public struct Coverage: Equatable, Sendable {
        /// HD01: `021` addition, `024` termination, `030` as it is.
        public var maintenance: String
        /// HD03, such as `HLT`.
        public var line: String
        /// DTP*348, CCYYMMDD.
        public var begin: String?
        /// DTP*349, CCYYMMDD.
        public var end: String?

        /// A coverage.
        public init(maintenance: String, line: String, begin: String? = nil, end: String? = nil) {
            self.maintenance = maintenance
            self.line = line
            self.begin = begin
            self.end = end
        }
    }

    /// A member: INS.
    public struct Member: Equatable, Sendable {
        /// INS01: whether this is the subscriber.
        public var isSubscriber: Bool
        /// INS02: `18` self, `01` spouse, `19` child.
        public var relationship: String
        /// INS03 and INS04.
        public var maintenance: (type: String, reason: String)
        /// INS08, for a subscriber.
        public var employment: String
        /// REF*0F: the subscriber's number.
        public var subscriberNumber: String
        /// REF*1L: the group's or policy's number.
        public var policy: String?
        /// NM1*IL, with `34` or `ZZ` where there is an id.
        public var name: X12Party
        /// N3 and N4.
        public var address: X12Address?
        /// DMG02 and DMG03.
        public var birth: (date: String, sex: String)?
        /// HD.
        public var coverages: [Coverage]

        /// A member.
        public init(
            isSubscriber: Bool, relationship: String, maintenance: (type: String, reason: String),
            employment: String = "", subscriberNumber: String, policy: String? = nil,
            name: X12Party, address: X12Address? = nil, birth: (date: String, sex: String)? = nil,
            coverages: [Coverage]
        ) {
            self.isSubscriber = isSubscriber
            self.relationship = relationship
            self.maintenance = maintenance
            self.employment = employment
            self.subscriberNumber = subscriberNumber
            self.policy = policy
            self.name = name
            self.address = address
            self.birth = birth
            self.coverages = coverages
        }

        /// Whether two members are the same.
        public static func == (left: Member, right: Member) -> Bool {
            left.isSubscriber == right.isSubscriber && left.relationship == right.relationship
                && left.maintenance == right.maintenance && left.employment == right.employment
                && left.subscriberNumber == right.subscriberNumber && left.policy == right.policy
                && left.name == right.name && left.address == right.address
                && left.birth?.date == right.birth?.date && left.birth?.sex == right.birth?.sex
                && left.coverages == right.coverages
        }
    }

    /// Whether it holds every member (BGN08 `4`), or changes (`2`).
    public var isFull: Bool
    /// N1*P5.
    public var sponsor: X12Party
    /// N1*IN.
    public var payer: X12Party
    /// DTP*007, CCYYMMDD.
    public var effectiveDate: String
    /// The members; dependents after their subscriber.
    public var members: [Member]

    /// An enrollment.
    public init(
        isFull: Bool, sponsor: X12Party, payer: X12Party, effectiveDate: String, members: [Member]
    ) {
        self.isFull = isFull
        self.sponsor = sponsor
        self.payer = payer
        self.effectiveDate = effectiveDate
        self.members = members
    }

    /// The 834.
    public func response(reference: String, date: String, time: String) -> SetContent {
        var segments = [
            ["BGN", "00", reference, date, time, "", "", "", isFull ? "4" : "2"],
            ["DTP", "007", "D8", effectiveDate],
            ["N1", "P5", sponsor.name, sponsor.qualifier, sponsor.id],
            ["N1", "IN", payer.name, payer.qualifier, payer.id],
        ]
        for member in members { segments += Self.segments(member) }
        return SetContent(setID: "834", version: "005010X220A1", segments: segments)
    }

    private static func segments(_ member: Member) -> [[String]] {
        var segments = [
            [
                "INS", member.isSubscriber ? "Y" : "N", member.relationship,
                member.maintenance.type, member.maintenance.reason, "A", "", "",
                member.employment,
            ],
            ["REF", "0F", member.subscriberNumber],
        ]
        if let policy = member.policy { segments.append(["REF", "1L", policy]) }
        var name = member.name
        name.firstName = name.firstName ?? ""
        segments.append(name.nm1("IL"))
        if let address = member.address { segments += address.segments }
        if let birth = member.birth { segments.append(["DMG", "D8", birth.date, birth.sex]) }
        for coverage in member.coverages {
            segments.append(["HD", coverage.maintenance, "", coverage.line])
            if let begin = coverage.begin { segments.append(["DTP", "348", "D8", begin]) }
            if let end = coverage.end { segments.append(["DTP", "349", "D8", end]) }
        }
        return segments
    }
}
