package org.foliofleet.coordinator.http;

import akka.http.javadsl.model.AttributeKeys;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.RemoteAddress;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.model.headers.RawHeader;
import java.net.InetAddress;
import java.util.Set;
import java.util.regex.Pattern;

/** Who is let in: those who do not ask too often, are sent by nobody else's page, and have the token if they want to change something. */
final class Guard {
    /** Change nothing, though they are sent with a body. */
    private static final Set<String> HARMLESS = Set.of("/api/v1/validate");

    /** Names of this machine that nobody else can have. */
    private static final Pattern HERE = Pattern.compile("(?i)(localhost|[a-z0-9-]+\\.localhost|127\\.[0-9.]+|\\[::1])\\.?(:[0-9]+)?");

    private final AccessToken token;
    private final RequestRate rate;
    private final int perSecond;

    Guard(ApiOptions options) {
        token = options.token();
        perSecond = options.limits().requestsPerSecond();
        rate = new RequestRate(perSecond, options.limits().burst(), System::nanoTime);
    }

    /** Why a request is not let in, or null: it is. */
    HttpResponse refusal(HttpRequest request) {
        String address = request.getAttribute(AttributeKeys.remoteAddress).flatMap(RemoteAddress::getAddress).map(InetAddress::getHostAddress).orElse("");
        long wait = rate.take(address);
        if (wait > 0) {
            return Problem.of(StatusCodes.TOO_MANY_REQUESTS, "more than " + perSecond + " requests a second from one address; wait " + wait
                    + " s, and ask less often").response().addHeader(RawHeader.create("Retry-After", Long.toString(wait)));
        }
        if (isReading(request)) {
            return null;
        }
        String origin = header(request, "Origin");
        String host = header(request, "Host");
        if (origin != null && (host == null || !origin.replaceFirst("^https?://", "").equalsIgnoreCase(host))) {
            return Problem.of(StatusCodes.FORBIDDEN, "a page of another server sent this request; use the page that the coordinator serves").response();
        }
        if (token == null && isHere(address) && (host == null || !HERE.matcher(host).matches())) {
            return Problem.of(StatusCodes.FORBIDDEN, "a request of this machine names another one as its host; use http://127.0.0.1 or localhost, or start"
                    + " the coordinator with --token-file FILE").response();
        }
        if (token == null || HARMLESS.contains(request.getUri().path()) || token.isIn(header(request, "Authorization"))) {
            return null;
        }
        boolean without = header(request, "Authorization") == null;
        return Problem.of(StatusCodes.UNAUTHORIZED, (without ? "this changes something and needs a token" : "that is not the token of this coordinator")
                        + "; send the header Authorization: Bearer TOKEN, or give foliofleet --token-file FILE").response()
                .addHeader(RawHeader.create("WWW-Authenticate", "Bearer realm=\"foliofleet\"" + (without ? "" : ", error=\"invalid_token\"")));
    }

    private static boolean isHere(String address) {
        return address.startsWith("127.") || address.equals("0:0:0:0:0:0:0:1");
    }

    private static boolean isReading(HttpRequest request) {
        return request.method().equals(HttpMethods.GET) || request.method().equals(HttpMethods.HEAD) || request.method().equals(HttpMethods.OPTIONS);
    }

    private static String header(HttpRequest request, String name) {
        return request.getHeader(name).map(HttpHeader::value).orElse(null);
    }
}
