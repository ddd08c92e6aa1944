package org.foliofleet.coordinator.http;

import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpCharsets;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.MediaTypes;
import akka.http.javadsl.model.headers.RawHeader;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/** The live page: a few files of this program, and nothing else of any file system. */
final class PageRoutes extends AllDirectives {
    private static final ContentType SCRIPT = MediaTypes.APPLICATION_JAVASCRIPT.toContentType(HttpCharsets.UTF_8);
    private static final ContentType STYLE = MediaTypes.TEXT_CSS.toContentType(HttpCharsets.UTF_8);

    private static final Map<String, ContentType> FILES = Map.of(
            "index.html", ContentTypes.TEXT_HTML_UTF8,
            "style.css", STYLE,
            "app.js", SCRIPT,
            "curves.js", SCRIPT,
            "heat.js", SCRIPT,
            "units.js", SCRIPT,
            "icon.svg", MediaTypes.IMAGE_SVG_XML.toContentType(),
            "vendor/uPlot.iife.min.js", SCRIPT,
            "vendor/uPlot.min.css", STYLE);

    Route route() {
        return concat(
                pathSingleSlash(() -> get(() -> complete(file("index.html")))),
                extractUnmatchedPath(path -> {
                    String name = path.startsWith("/") ? path.substring(1) : path;
                    return FILES.containsKey(name) ? get(() -> complete(file(name))) : reject();
                }));
    }

    private static HttpResponse file(String name) {
        try (InputStream in = PageRoutes.class.getResourceAsStream("web/" + name)) {
            if (in == null) {
                throw new IllegalStateException("the program lacks its file web/" + name);
            }
            // uPlot sets the size of what it draws in style attributes.
            return HttpResponse.create().withEntity(HttpEntities.create(FILES.get(name), in.readAllBytes()))
                    .addHeader(RawHeader.create("Content-Security-Policy", "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"))
                    .addHeader(RawHeader.create("X-Content-Type-Options", "nosniff"))
                    .addHeader(RawHeader.create("Referrer-Policy", "no-referrer"))
                    .addHeader(RawHeader.create("Cache-Control", "no-cache"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
