import Engine
import Events
import Hummingbird

/// An answer that is an error: its code, and a sentence that names the field or the remedy.
struct APIError: Error, HTTPResponseError {
    let status: HTTPResponse.Status
    let code: String
    let message: String

    init(_ status: HTTPResponse.Status, _ code: String, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    init(_ rejection: Rejection) {
        let status: HTTPResponse.Status =
            switch rejection.code {
            case .notFound: .notFound
            case .conflict, .rolloverRequired: .conflict
            case .invalid: .badRequest
            case .stopping: .serviceUnavailable
            case .diskFull: .init(code: 507, reasonPhrase: "Insufficient Storage")
            }
        self.init(status, rejection.code.rawValue, rejection.message)
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        .json(
            "{\"error\":{\"code\":\(JSONText.quoted(code)),"
                + "\"message\":\(JSONText.quoted(message))}}", status: status)
    }
}

extension Response {
    /// A JSON answer.
    static func json(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(string: text + "\n")))
    }
}
