package org.foliofleet.coordinator.report.html;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.function.Consumer;

/** What reports have in common: the file around them, with styles, scripts and data in it. */
final class Page {
    private static final String WEB = "/org/foliofleet/coordinator/http/web/";
    private static final String OWN = "/org/foliofleet/coordinator/report/";

    private Page() {}

    /**
     * A whole file.
     *
     * @param data of the curves
     * @param body what is between header and footer
     */
    static String of(String title, String version, ObjectNode data, Consumer<Html> body) {
        String library = resource(WEB + "vendor/uPlot.iife.min.js");
        String own = "(() => {\n'use strict';\n" + resource(WEB + "units.js").replaceAll("(?m)^export ", "") + resource(OWN + "report.js") + "})();\n";
        Html html = new Html();
        html.open("html", "lang", "en");
        html.open("head").empty("meta", "charset", "utf-8");
        // Whatever an experiment is called: no script but these two runs, and nothing is asked for.
        html.empty("meta", "http-equiv", "Content-Security-Policy", "content", "default-src 'none'; style-src 'unsafe-inline'; script-src '"
            + digest(library) + "' '" + digest(own) + "'; base-uri 'none'; form-action 'none'");
        html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        html.empty("meta", "name", "generator", "content", "foliofleet " + version);
        html.element("title", title);
        html.raw("style", resource(WEB + "vendor/uPlot.min.css") + resource(OWN + "report.css"));
        html.close();
        html.open("body").open("main");
        body.accept(html);
        html.close();
        html.open("footer").text("Made by foliofleet " + version + ". Curves are drawn by uPlot 1.6.32, © Leon Sorokin, MIT license, which is part of this file.").close();
        html.raw("script", data.toString().replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"),
            "type", "application/json", "id", "data");
        html.raw("script", library).raw("script", own);
        html.close().close();
        return "<!DOCTYPE html>\n" + html;
    }

    private static String resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the program lacks its file " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String digest(String script) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
