/// A number of things in words, such as `1 file` and `2 files`.
///
/// - Parameters:
///   - one: the verb behind one thing, such as `is`; none where it is empty.
///   - many: the verb behind any other number, such as `are`.
public func counted(
    _ number: some BinaryInteger, _ noun: String, one: String = "", many: String = ""
) -> String {
    let isOne = number == 1
    let verb = isOne ? one : many
    return "\(number) \(noun)\(isOne ? "" : "s")\(verb.isEmpty ? "" : " ")\(verb)"
}
