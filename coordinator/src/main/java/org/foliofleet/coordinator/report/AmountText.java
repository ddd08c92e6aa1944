package org.foliofleet.coordinator.report;

import java.util.stream.Collectors;
import org.foliofleet.protocol.experiment.Metric.Unit;
import org.foliofleet.protocol.program.Amount;
import org.foliofleet.protocol.program.Extent;

/** Amounts and places of programs as people write them. */
final class AmountText {
    private AmountText() {}

    static String of(Amount amount, Unit unit) {
        if (amount instanceof Amount.Constant constant) {
            return plain(constant.value(), unit);
        } else if (amount instanceof Amount.Uniform uniform) {
            return "uniform(" + plain(uniform.min(), unit) + ".." + plain(uniform.max(), unit) + step(uniform.step(), unit) + ")";
        } else if (amount instanceof Amount.Zipf zipf) {
            return "zipf(" + plain(zipf.min(), unit) + ".." + plain(zipf.max(), unit) + step(zipf.step(), unit) + ")";
        } else if (amount instanceof Amount.Exponential exponential) {
            return "exponential(" + plain(exponential.mean(), unit) + ")";
        } else if (amount instanceof Amount.OneOf oneOf) {
            return "one_of(" + oneOf.choices().stream().map(each -> of(each, unit)).collect(Collectors.joining(" | ")) + ")";
        } else if (amount instanceof Amount.Indexed indexed) {
            return "round * " + plain(indexed.stride(), unit);
        } else if (amount instanceof Amount.Sum sum) {
            return sum.terms().stream().map(each -> of(each, unit)).collect(Collectors.joining(" + ")).replace("+ -", "- ");
        }
        return amount.toString();
    }

    private static String step(long step, Unit unit) {
        return step == 1 ? "" : " step " + plain(step, unit);
    }

    private static String plain(long value, Unit unit) {
        return Quantities.of(value, unit).replace(" ", "");
    }

    static String of(Extent extent) {
        String size = extent.size() == null ? "" : of(extent.size(), Unit.PAGES);
        boolean fromStart = extent.at().equals(Amount.of(0));
        if (!extent.isRelative()) {
            return (size.isEmpty() ? "" : size + " ") + "at " + of(extent.at(), Unit.PAGES);
        }
        return (size.isEmpty() ? "" : size + " of ") + extent.region() + (fromStart ? "" : " at " + of(extent.at(), Unit.PAGES));
    }
}
