/// A text with a mark below the place that is meant.
enum Caret {
    /// How much of a long text is shown to either side of the place.
    private static let reach = 35

    /// Two lines; none where the place is not known.
    static func lines(_ text: String, _ column: Int?) -> [String] {
        guard let column, column > 0 else { return [] }
        let scalars = Array(text.unicodeScalars)
        let index = min(column - 1, scalars.count)
        let first = max(0, index - reach)
        let last = min(scalars.count, index + reach)
        let shown = String(String.UnicodeScalarView(scalars[first..<last]))
        let lead = first > 0 ? "…" : ""
        let tail = last < scalars.count ? "…" : ""
        return [
            lead + Terminal.clean(shown) + tail,
            String(repeating: " ", count: index - first + lead.count) + "^",
        ]
    }
}
