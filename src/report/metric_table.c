#include "report/metric_table.h"

#include <math.h>
#include <string.h>

/* clang-format off */
const struct metric_plot metric_plots[] = {
    /* gaussian: truth N(0, 1) */
    { "variance", "Fitted variance, typical run", "", GROUP_MODEL, CENTRE_MEDIAN, BETTER_CLOSER, 1,
      "How wide the model believes the data to be; the truth is 1. Where it shrinks, rare values are being forgotten." },
    { "variance", "Fitted variance, mean of the runs", "", GROUP_MODEL, CENTRE_MEAN, BETTER_CLOSER, 1,
      "The same figure averaged: a few wide runs hold the mean above the typical run." },
    { "log_variance", "Log of the fitted variance", "ln", GROUP_MODEL, CENTRE_MEAN, BETTER_CLOSER, 0,
      "Falls by a steady amount a generation when each model learns from the last one only." },
    { "mean", "Fitted mean", "", GROUP_MODEL, CENTRE_MEAN, BETTER_CLOSER, 0,
      "Where the model believes the centre to be; the truth is 0. Single runs wander; their mean need not." },
    { "w2_squared", "Distance from the truth", "squared W2", GROUP_MODEL, CENTRE_MEDIAN, BETTER_LOWER, NAN,
      "Squared 2-Wasserstein distance: how far probability has to be moved to turn the model into the truth." },
    { "kl", "Surprise at real data", "nats", GROUP_MODEL, CENTRE_MEDIAN, BETTER_LOWER, NAN,
      "KL(truth, model): what the model loses on each real value. Large when it leaves no room for rare ones." },
    { "kl_reverse", "Surprise of the truth at the model", "nats", GROUP_MODEL, CENTRE_MEDIAN, BETTER_LOWER, NAN,
      "KL(model, truth): large when the model writes what real data hardly ever hold." },
    { "tail_mass_1", "Mass in the 1 % tails", "share", GROUP_MODEL, CENTRE_MEDIAN, BETTER_CLOSER, 0.01,
      "How often the model writes values that come up once in a hundred in the truth. Near 0 the tails are lost." },
    { "tail_mass_5", "Mass in the 5 % tails", "share", GROUP_MODEL, CENTRE_MEDIAN, BETTER_CLOSER, 0.05,
      "The same for values that come up once in twenty." },
    /* gaussian-nd: truth N(0, I) */
    { "log_det", "Log of the generalised variance", "ln det", GROUP_MODEL, CENTRE_MEDIAN, BETTER_CLOSER, 0,
      "Log determinant of the fitted covariance: the volume that the model spreads over." },
    { "trace", "Total fitted variance", "", GROUP_MODEL, CENTRE_MEDIAN, BETTER_NEITHER, NAN,
      "Trace of the fitted covariance; the truth is the number of dimensions." },
    { "effective_rank", "Effective number of dimensions", "", GROUP_MODEL, CENTRE_MEAN, BETTER_HIGHER, NAN,
      "(tr S)^2 / tr S^2: near 1 when the model has become a line." },
    { "mean_squared", "Squared length of the fitted mean", "", GROUP_MODEL, CENTRE_MEDIAN, BETTER_LOWER, NAN,
      "How far the centre has wandered from the truth's." },
    /* discrete */
    { "simpson", "Simpson diversity", "probability", GROUP_MODEL, CENTRE_MEAN, BETTER_HIGHER, NAN,
      "Chance that two draws of the model differ. 0: one state is left." },
    { "states", "States that are left", "states", GROUP_MODEL, CENTRE_MEAN, BETTER_HIGHER, NAN,
      "States to which the model gives any probability." },
    { "entropy", "Entropy", "nats", GROUP_MODEL, CENTRE_MEAN, BETTER_HIGHER, NAN,
      "Shannon entropy of the fitted law." },
    { "lost_mass", "Mass of the truth that is lost", "share", GROUP_MODEL, CENTRE_MEAN, BETTER_LOWER, NAN,
      "How often the truth shows a state that the model holds to be impossible." },
    { "tv", "Total variation distance", "share", GROUP_MODEL, CENTRE_MEAN, BETTER_LOWER, NAN,
      "Largest difference that model and truth make in the probability of anything." },
    /* linreg, poisson, exponential, labels */
    { "test_error", "Squared error of the coefficients", "", GROUP_MODEL, CENTRE_MEDIAN, BETTER_LOWER, NAN,
      "What the model's mistakes add to the squared error on new data." },
    { "rate", "Fitted rate", "", GROUP_MODEL, CENTRE_MEDIAN, BETTER_NEITHER, NAN,
      "Its mean over runs stays for ever, while nearly every run dies." },
    { "extinct", "Runs that have died out", "share", GROUP_MODEL, CENTRE_MEAN, BETTER_LOWER, NAN,
      "Share of runs whose model can only write 0." },
    { "scale", "Fitted scale", "", GROUP_MODEL, CENTRE_MEDIAN, BETTER_NEITHER, NAN,
      "Mean waiting time of the model. Its mean over runs stays, while a typical run shrinks." },
    { "wrong_rate", "Wrong labels", "share", GROUP_MODEL, CENTRE_MEAN, BETTER_LOWER, NAN,
      "Share of the labels that the model writes and that are wrong." },
    /* gmm: three components, weights 0.6, 0.3, 0.1 */
    { "heldout_nll", "Loss on held-out real data", "nats a point", GROUP_MODEL, CENTRE_MEAN, BETTER_LOWER, NAN,
      "Mean negative log-likelihood of the same real points in every generation." },
    { "modes_covered", "True components still covered", "share", GROUP_MODEL, CENTRE_MEAN, BETTER_HIGHER, 1,
      "Share of the true components for which the model still writes at least a tenth of what it should." },
    { "total_variance", "Total variance of the model", "", GROUP_MODEL, CENTRE_MEDIAN, BETTER_NEITHER, NAN,
      "How far the fitted mixture spreads as a whole. It should stay where it was in generation 1." },
    { "min_weight", "Smallest component weight", "share", GROUP_MODEL, CENTRE_MEDIAN, BETTER_CLOSER, 0.1,
      "The least likely fitted component. The rare one is the first to go." },
    { "effective_components", "Effective number of components", "", GROUP_MODEL, CENTRE_MEAN, BETTER_CLOSER, 2.4545,
      "exp of the entropy of the fitted weights: 3 equal components count as 3, one dominant one as 1." },
    /* ngram */
    { "perplexity", "Perplexity on held-out human text", "", GROUP_MODEL, CENTRE_MEAN, BETTER_LOWER, NAN,
      "How many words the model hesitates between on text that people wrote. Unknown words share the chance of one "
      "evenly, so forgetting words gains nothing." },
    { "oov_share", "Human words that the model does not know", "share of tokens", GROUP_MODEL, CENTRE_MEAN, BETTER_LOWER, NAN,
      "Share of the held-out human words that the model has no entry for. A rise is vocabulary lost." },
    { "impossible_share", "Human words held to be impossible", "share of tokens", GROUP_MODEL, CENTRE_MEAN, BETTER_LOWER, NAN,
      "Share of the held-out human words with probability 0, which only unsmoothed models give." },
    { "types", "Vocabulary in use", "different words", GROUP_TEXT, CENTRE_MEAN, BETTER_HIGHER, NAN,
      "Different words in what the model wrote." },
    { "unigram_entropy", "Entropy of the words", "nats", GROUP_TEXT, CENTRE_MEAN, BETTER_HIGHER, NAN,
      "How evenly the words are used in what the model wrote." },
    { "distinct_1", "Different words", "share", GROUP_TEXT, CENTRE_MEAN, BETTER_HIGHER, NAN,
      "Different words over all words of what the model wrote; longer output has a smaller share." },
    { "distinct_2", "Different word pairs", "share", GROUP_TEXT, CENTRE_MEAN, BETTER_HIGHER, NAN,
      "The same for pairs of neighbours." },
    { "distinct_3", "Different word triples", "share", GROUP_TEXT, CENTRE_MEAN, BETTER_HIGHER, NAN,
      "The same for three in a row." },
    { "rep_4", "Repetition inside a document", "share of 4-grams", GROUP_TEXT, CENTRE_MEAN, BETTER_LOWER, NAN,
      "Share of a document's runs of four words that it had already used." },
    { "mean_length", "Length of a document", "words", GROUP_TEXT, CENTRE_MEAN, BETTER_NEITHER, NAN,
      "Mean length of what the model wrote." },
    { "mean_p_synthetic", "How synthetic the output looks", "mean P(synthetic)", GROUP_TEXT, CENTRE_MEAN, BETTER_NEITHER, NAN,
      "The tagger's calibrated probability, averaged over what the model wrote." },
    /* the pool, every engine */
    { "real_share", "Real data in the next training set", "share of kept", GROUP_POOL, CENTRE_MEAN, BETTER_HIGHER, NAN,
      "By true origin, after the policy has chosen." },
    { "achieved_tpr", "Synthetic items that were caught", "share", GROUP_POOL, CENTRE_MEAN, BETTER_HIGHER, NAN,
      "How often the verdict on a synthetic item of the pool was synthetic." },
    { "achieved_fpr", "Real items that were accused", "share", GROUP_POOL, CENTRE_MEAN, BETTER_LOWER, NAN,
      "How often the verdict on a real item of the pool was synthetic." },
    { "pool", "Items to choose from", "items", GROUP_POOL, CENTRE_MEAN, BETTER_NEITHER, NAN,
      "Everything that the policy looked at." },
    { "kept", "Items kept", "items", GROUP_POOL, CENTRE_MEAN, BETTER_NEITHER, NAN,
      "What the next model is fitted on." },
    { "dropped_regime", "Dropped by the regime", "items", GROUP_POOL, CENTRE_MEAN, BETTER_NEITHER, NAN,
      "Their generation is not part of the regime." },
    { "dropped_filter", "Dropped by the filter", "items", GROUP_POOL, CENTRE_MEAN, BETTER_NEITHER, NAN,
      "Their verdict has weight 0, or the oracle ruled them out." },
    { "dropped_duplicate", "Dropped as copies", "items", GROUP_POOL, CENTRE_MEAN, BETTER_NEITHER, NAN,
      "They repeat another item." },
    { "dropped_weight", "Dropped by weight", "items", GROUP_POOL, CENTRE_MEAN, BETTER_NEITHER, NAN,
      "They lost the draw against their verdict's weight." },
    { "dropped_quota", "Dropped by the quota", "items", GROUP_POOL, CENTRE_MEAN, BETTER_NEITHER, NAN,
      "Above the largest share of synthetic, or without a partner for the share of real data." },
    { "dropped_budget", "Dropped by the budget", "items", GROUP_POOL, CENTRE_MEAN, BETTER_NEITHER, NAN,
      "Behind the budget: enough had been taken." },
};
/* clang-format on */

const size_t n_metric_plots = sizeof(metric_plots) / sizeof(metric_plots[0]);

const struct metric_plot *metric_plot_find(const char *metric)
{
    for (size_t i = 0; i < n_metric_plots; i++)
        if (strcmp(metric_plots[i].metric, metric) == 0)
            return &metric_plots[i];
    return NULL;
}

struct metric_plot metric_plot_generic(const char *metric)
{
    return (struct metric_plot){
        metric,      metric,         "",  GROUP_OTHER,
        CENTRE_MEAN, BETTER_NEITHER, NAN, "A metric that this report does not know; drawn as it stands in the trace."
    };
}

const char *metric_group_title(enum metric_group group)
{
    static const char *const titles[GROUP_COUNT] = { [GROUP_MODEL] = "What the model still knows",
                                                     [GROUP_TEXT] = "What the model writes",
                                                     [GROUP_POOL] = "What the policy did",
                                                     [GROUP_OTHER] = "Other figures" };

    return titles[group];
}
