import catalog from "../config/plans.json";

export const currency = catalog.currency.toUpperCase();

export const plans = catalog.plans;

/** Plans with a monthly price, in the order of the file. */
export const subscriptions = plans.filter((plan) => plan.amount !== undefined);

/** The plan of a tier, or undefined. */
export function findPlan(tier) {
  return plans.find((plan) => plan.tier === tier);
}

/** "$19" or "$20.52": an amount in the currency's smallest unit, written for people. */
export function formatPrice(amount, code = currency) {
  const format = new Intl.NumberFormat("en-US", {
    style: "currency",
    currency: code,
    trailingZeroDisplay: "stripIfInteger",
  });
  const { maximumFractionDigits } = format.resolvedOptions();
  return format.format(amount / 10 ** maximumFractionDigits);
}
