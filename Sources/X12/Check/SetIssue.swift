/// Something wrong with a segment of a set: one IK3 of a 999.
public struct SegmentIssue: Equatable, Sendable {
    /// The segment's id, as it stands or as it should.
    public internal(set) var segmentID: String
    /// Its position in the set, with ST at 1; for one that is missing, where it should have been.
    public internal(set) var position: Int
    /// Where the segment at that position starts in what was read, in bytes.
    public internal(set) var offset: Int = 0
    /// The loop, where the set's own level is not meant.
    public internal(set) var loop: String?
    /// Element 620.
    public internal(set) var code: String
    /// What is wrong with its elements.
    public internal(set) var elements: [ElementIssue] = []
    /// What the receiver of the 999 knows the business by, such as `CLM01` and its value.
    public internal(set) var unit: BusinessUnit?
}

/// The name of an element that identifies a piece of business, and its value.
public struct BusinessUnit: Equatable, Sendable {
    /// CTX01-1.
    public let name: String
    /// CTX01-2: a value, so for the 999 alone.
    public let value: String
}

/// Something wrong with an element: one IK4 of a 999.
public struct ElementIssue: Equatable, Sendable {
    /// The element's position in its segment.
    public let position: Int
    /// The component's, from 1.
    public var component: Int?
    /// The repetition, from 2; the first is not told.
    public var repetition: Int?
    /// The data element's number.
    public let reference: String
    /// Element 621.
    public let code: String
    /// The value, for the 999 alone: at most 99 bytes, and none that holds invalid characters.
    public var badValue: String?
    /// The element that made this one necessary.
    public var trigger: Int?
}
