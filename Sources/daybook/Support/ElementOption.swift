import ArgumentParser
import Events

/// `--element`: one element of a job that was fanned out.
struct ElementOption: ParsableArguments {
    @Option(
        help: "Only this element of a job that was fanned out.",
        transform: ElementOption.checked)
    var element: String?

    /// The id of the schedule that is meant.
    func id(of job: String) -> String {
        element.map { ElementId(job: job, element: $0).text } ?? job
    }

    /// The part of a query that says so.
    var query: String { element.map { "&element=\(queryText($0))" } ?? "" }

    private static func checked(_ text: String) throws -> String {
        guard ElementId.isElement(text) else {
            throw ValidationError(
                "an element's name has letters, digits, '-', '_' and '.', and is not empty")
        }
        return text
    }
}
