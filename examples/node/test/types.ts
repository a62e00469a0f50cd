// Compiled and never run: what a strict caller may write, and what the compiler keeps them from.

import {
  type ErrorKind,
  type FollowOptions,
  Hunting,
  HuntingError,
  type IocStreamObject,
  type NewRuleset,
  type ResponseInfo,
  type RetrohuntJob,
  type Ruleset,
} from "virustotal-hunting";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

export async function allowed(hunting: Hunting, signal: AbortSignal): Promise<void> {
  const page = await hunting.getLivehuntRulesets();
  same<typeof page.items, Ruleset[]>(true);
  await hunting.getLivehuntRulesets({ limit: 40, filter: undefined }, { signal });
  await hunting.getLivehuntRulesets(undefined, { signal });

  const created: Ruleset = await hunting.createLivehuntRuleset({ name: "n", rules: "r" });
  same<typeof created.limit, number | bigint | undefined>(true);
  same<typeof created.rateLimitedRatio, number | undefined>(true);
  same<typeof created.tags, string[]>(true);
  const wanted: NewRuleset = { name: "n", rules: "r", matchObjectType: "url", limit: 7, notificationEmails: ["a@lab.example"] };
  const found: Ruleset[] = await hunting.reconcileLivehuntRuleset(wanted, 1_760_000_000);
  await hunting.reconcileLivehuntRuleset(wanted, 1_760_000_000n);
  await hunting.updateLivehuntRuleset(found[0]?.id ?? "", { enabled: false, notificationEmails: [] }, { signal });
  const nothing: void = await hunting.deleteLivehuntRuleset("id", { signal });
  const may: boolean = await hunting.checkLivehuntRulesetEditor("id", "alice");
  await hunting.addLivehuntRulesetEditors("id", [{ editorType: "user", id: "alice" }] as const);
  await hunting.getRetrohuntJobMatches("id");
  await hunting.getRetrohuntJobMatches("id", {}, { signal });
  await hunting.pollIocStream();
  await hunting.pollIocStream("checkpoint", { since: 0 }, { items: 5 }, { signal });
  const { bytes } = await hunting.parseSnippet("41");
  same<typeof bytes, Uint8Array>(true);
  const last = await hunting.lastResponse();
  same<typeof last, ResponseInfo | undefined>(true);
  same<ResponseInfo["headers"], [string, string][]>(true);

  const { value, response } = await hunting.withResponse.getRetrohuntJob("id", { signal });
  same<typeof value, RetrohuntJob>(true);
  same<typeof response, ResponseInfo | undefined>(true);

  for await (const object of hunting.iocStreamObjects({ descriptorsOnly: true }, { signal })) same<typeof object, IocStreamObject>(true);
  for await (const match of hunting.retrohuntJobMatches("id")) void match.ruleName;
  for await (const batch of hunting.followIocStream({ query: { since: 1 }, interval: 5, onRetry: (error) => error.kind })) {
    same<typeof batch.items, IocStreamObject[]>(true);
    const checkpoint: string = batch.checkpoint;
    void checkpoint;
  }
  const following: FollowOptions<object, object> = { signal };
  void [nothing, may, following];
  await using own = new Hunting({ apiKey: process.env["VT_APIKEY"], requestsPerMinute: "public" });
  void own.counts.queued;
}

export function branches(error: unknown): number | undefined {
  if (!(error instanceof HuntingError)) throw error;
  same<typeof error.kind, ErrorKind>(true);
  if (error.kind === "rate-limited") return error.retryAfter;
  // @ts-expect-error there is no such kind
  return error.kind === "rate_limited" ? 1 : undefined;
}

export async function refused(hunting: Hunting): Promise<void> {
  // @ts-expect-error the options are not optional
  new Hunting();
  // @ts-expect-error the key is not optional
  new Hunting({ url: "https://www.virustotal.com" });
  // @ts-expect-error Node.js has no such option
  new Hunting({ apiKey: "k", verifySsl: false });
  // @ts-expect-error seconds are a number
  new Hunting({ apiKey: "k", timeout: "60" });
  // @ts-expect-error an id is needed
  await hunting.getRetrohuntJob();
  // @ts-expect-error an id is text
  await hunting.getRetrohuntJob(7);
  // @ts-expect-error the rules are needed
  await hunting.createLivehuntRuleset({ name: "n" });
  // @ts-expect-error a date is seconds
  await hunting.reconcileRetrohuntJob({ rules: "r" }, new Date());
  // @ts-expect-error there is no such corpus
  await hunting.createRetrohuntJob({ rules: "r", corpus: "all" });
  // @ts-expect-error there is no such field
  await hunting.getRetrohuntJobs({ limt: 4 });
  // @ts-expect-error a 32-bit integer is no bigint
  await hunting.getRetrohuntJobs({ limit: 4n });
  // @ts-expect-error there is no such call option
  await hunting.getRetrohuntJob("id", { timeout: 5 });
  // @ts-expect-error there is no such action
  await hunting.downloadFile("id");
  // @ts-expect-error it may be absent
  (await hunting.getRetrohuntJob("id")).status.length;
  // @ts-expect-error it may be a bigint, or absent
  (await hunting.getRetrohuntJob("id")).creationDate * 1000;
  // @ts-expect-error what is no list has no iterator
  for await (const job of hunting.retrohuntJob("id")) void job;
}
