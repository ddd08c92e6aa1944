package org.foliofleet.coordinator.http;

import akka.http.javadsl.model.HttpEntity;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.Connection;
import akka.http.javadsl.server.ExceptionHandler;
import akka.http.javadsl.server.RejectionHandler;
import akka.http.scaladsl.model.EntityStreamSizeException;
import akka.http.scaladsl.model.ExceptionWithErrorInfo;
import akka.http.scaladsl.model.IllegalRequestException;
import akka.stream.StreamTcpException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.foliofleet.coordinator.experiment.ExperimentProblem;
import org.foliofleet.coordinator.experiment.ExperimentProblem.Kind;
import org.foliofleet.protocol.BadInput;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whatever is not done is answered with a problem; what is the fault of this program is told to its log, not to clients. */
final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    /** How the server calls a body beyond the limit that does not say its length. */
    private static final String TOO_LARGE = "Request too large";

    private Refusals() {}

    static ExceptionHandler exceptions() {
        return ExceptionHandler.newBuilder().matchAny(failure -> {
            Problem problem = of(failure);
            HttpResponse response = problem.response();
            // what has not come of a body is not waited for
            return HttpApi.directives().complete(problem.status() == StatusCodes.REQUEST_TIMEOUT.intValue()
                    ? response.addHeader(Connection.create("close")) : response);
        }).build();
    }

    private static Problem of(Throwable failure) {
        if ((failure instanceof CompletionException || failure instanceof ExecutionException) && failure.getCause() != null) {
            return of(failure.getCause());
        } else if (failure instanceof ExperimentProblem problem) {
            return Problem.of(problem);
        } else if (failure instanceof BadInput || failure instanceof IllegalArgumentException) {
            return Problem.of(new ExperimentProblem(Kind.INVALID, String.valueOf(failure.getMessage())));
        } else if (failure instanceof Json.Unreadable unreadable) {
            return unreadable.problem();
        } else if (failure instanceof EntityStreamSizeException tooLong) {
            return Problem.of(StatusCodes.CONTENT_TOO_LARGE, "the body has more than " + tooLong.limit() + " bytes; send less");
        } else if (failure instanceof TimeoutException) {
            return Problem.of(StatusCodes.REQUEST_TIMEOUT, "the body did not come in time; send it at once");
        } else if (failure instanceof ExceptionWithErrorInfo info && info.info().summary().equals(TOO_LARGE)) {
            return Problem.of(StatusCodes.CONTENT_TOO_LARGE, "the body is longer than allowed; send less");
        } else if (failure instanceof IllegalRequestException illegal) {
            return Problem.of(illegal.status(), illegal.info().summary());
        } else if (failure instanceof ExceptionWithErrorInfo || failure instanceof StreamTcpException) {
            return Problem.of(StatusCodes.BAD_REQUEST, "the body ended too early, or is not framed as HTTP wants it");
        }
        LOG.error("a request could not be done", failure);
        return Problem.of(StatusCodes.INTERNAL_SERVER_ERROR, "a fault of this program; its log says more");
    }

    /** What fits no route is a problem too. */
    static RejectionHandler rejections() {
        return RejectionHandler.defaultHandler().mapRejectionResponse(response -> {
            String said = response.entity() instanceof HttpEntity.Strict strict ? strict.getData().utf8String() : "";
            Problem problem = Problem.of(response.status(), said.isEmpty() ? response.status().defaultMessage() : said);
            return problem.response().addHeaders(response.getHeaders());
        });
    }

    /** Of a request that nobody has answered in time. */
    static HttpResponse late() {
        return Problem.of(StatusCodes.SERVICE_UNAVAILABLE, "no answer in time: the database or a coordinator of the cluster may be away; try again later")
                .response();
    }

    /** Of a body beyond the limit. */
    static HttpResponse tooLong(long most) {
        return Problem.of(StatusCodes.CONTENT_TOO_LARGE, "the body has more than " + most + " bytes; send less").response()
                .addHeader(Connection.create("close"));
    }
}
