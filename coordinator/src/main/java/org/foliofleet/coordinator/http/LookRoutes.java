package org.foliofleet.coordinator.http;

import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.foliofleet.coordinator.experiment.ExperimentProblem;
import org.foliofleet.coordinator.experiment.ExperimentProblem.Kind;
import org.foliofleet.coordinator.experiment.Experiments;
import org.foliofleet.coordinator.experiment.FleetView;

/** What can be asked of the machines of an experiment: curves, failures, folios, queues. Nothing of it changes anything. */
final class LookRoutes extends AllDirectives {
    private static final int USUAL = 20;
    private static final int MOST = 1000;

    private final Experiments experiments;

    LookRoutes(Experiments experiments) {
        this.experiments = experiments;
    }

    Route of(String id) {
        return concat(
                path("fleet", () -> get(() -> json(experiments.fleet(id)))),
                path("failures", () -> get(() -> json(experiments.failures(id)))),
                path("series", () -> get(() -> parameterOptional("class", name -> parameterOptional("format", format -> series(id, name, format.orElse("json")))))),
                path("folios", () -> get(() -> machine((machine, most) -> json(experiments.folios(id, machine, most))))),
                path("deferred", () -> get(() -> machine((machine, most) -> json(experiments.deferred(id, machine, most))))));
    }

    private Route series(String id, Optional<String> machineClass, String format) {
        if (!format.equals("json") && !format.equals("csv")) {
            throw new Json.Unreadable("format '" + format + "' is unknown; ask for json or csv");
        }
        CompletionStage<List<FleetView.ClassView>> classes = experiments.fleet(id).thenApply(fleet -> only(fleet, machineClass));
        if (format.equals("json")) {
            return json(classes.thenApply(all -> new Bodies.AllSeries(id, all.stream().map(each -> new Bodies.ClassSeries(each.name(), each.series())).toList())));
        }
        return onSuccess(classes, all -> complete(Answers.csv(SeriesCsv.of(all))));
    }

    private static List<FleetView.ClassView> only(FleetView fleet, Optional<String> machineClass) {
        List<FleetView.ClassView> wanted = fleet.classes().stream().filter(each -> machineClass.isEmpty() || machineClass.get().equals(each.name())).toList();
        if (wanted.isEmpty() && machineClass.isPresent()) {
            throw new ExperimentProblem(Kind.UNKNOWN, "experiment " + fleet.id() + " has no machine class '" + machineClass.get() + "'; it has "
                    + String.join(", ", fleet.classes().stream().map(FleetView.ClassView::name).toList()));
        }
        return wanted;
    }

    private interface OfMachine {
        Route route(String machine, int most);
    }

    private Route machine(OfMachine inner) {
        return parameterOptional("machine", machine -> parameterOptional("limit", limit -> inner.route(machine.orElse(null), limit(limit))));
    }

    private static int limit(Optional<String> limit) {
        if (limit.isEmpty()) {
            return USUAL;
        }
        if (!limit.get().matches("[0-9]{1,6}") || Integer.parseInt(limit.get()) < 1 || Integer.parseInt(limit.get()) > MOST) {
            throw new Json.Unreadable("limit '" + limit.get() + "' is none; write 1 to " + MOST);
        }
        return Integer.parseInt(limit.get());
    }

    private Route json(CompletionStage<?> value) {
        return onSuccess(value.thenApply(Function.<Object>identity()), done -> complete(Answers.json(Json.write(done))));
    }
}
