import Engine
import Events
import Hummingbird
import Projections

/// What waits for a person, and what that person says.
extension APIRouter {
    func addApprovals(_ group: RouterGroup<BasicRequestContext>) {
        group.get("approvals") { request, _ in
            let limit = try limit(request, default: Self.limitMax)
            let open = try await look { $0.approvals.sorted() }
            return Response.list("approvals", open.suffix(limit).map { JSONText.of($0) })
        }
        group.post("approvals/{approval}/approve") { request, context in
            let body = try await ActBody(request)
            return try await act(
                .approve(
                    approvalNumber(context), reason: body.reason(),
                    body.authority(request)))
        }
        group.post("approvals/{approval}/refuse") { request, context in
            let body = try await ActBody(request)
            return try await act(
                .refuse(
                    approvalNumber(context), reason: body.reason(),
                    body.authority(request)))
        }
    }

    private func approvalNumber(_ context: BasicRequestContext) throws -> UInt64 {
        let text = try context.parameters.require("approval")
        guard let number = UInt64(text) else {
            throw APIError(.badRequest, "invalid", "'\(text)' is not an approval's number")
        }
        return number
    }
}
