package wavegate.server.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import wavegate.firmware.campaign.Review;

/** The JSON form of who wrote a campaign and who agreed to it. */
final class ReviewJson {
    private ReviewJson() {}

    static ObjectNode write(Review review) {
        ObjectNode json = ApiJson.object();
        json.set("authors", ApiJson.texts(review.authors()));
        json.put("submittedBy", review.submittedBy());
        json.put("needed", review.needed());
        ArrayNode approvals = json.putArray("approvals");
        review.approvals().forEach(approval -> approvals
                .addObject()
                .put("by", approval.by())
                .put("reason", approval.reason())
                .put("at", approval.at().toString()));
        return json;
    }
}
