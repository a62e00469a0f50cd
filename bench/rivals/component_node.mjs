// The component in Node.js, by the package of examples/node, as a rival of the benchmark. The protocol is in bench/src/outside.rs.
// Where the package is comes as the one argument.

import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const { Hunting } = await import(pathToFileURL(process.argv[2]));
const server = JSON.parse(process.env.BENCH_SERVER);
const EVERYTHING = 2 ** 32 - 1;

const hunting = new Hunting({ apiKey: server.key, url: server.url, workers: 1 });

/** Does it once; how many objects there were. */
async function perform(work) {
  switch (work) {
    case "small":
      await hunting.getRetrohuntJob(server.job);
      return 1;
    case "large":
      await hunting.getLivehuntRuleset(server.ruleset);
      return 1;
    case "page":
      return (await hunting.getRetrohuntJobMatches(server.job, { limit: 40 })).items.length;
    case "descriptors":
    case "read-all": {
      const limit = work === "descriptors" ? 40 : EVERYTHING;
      const page = await hunting.getIocStreamObjects({ limit, descriptorsOnly: true });
      if (page.page.incomplete !== undefined) throw new Error(page.page.incomplete.message);
      return page.items.length;
    }
    default:
      throw new Error(`there is no work \`${work}\``);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { work, times } = JSON.parse(line);
  const [processor, started] = [process.cpuUsage(), process.hrtime.bigint()];
  let objects = 0;
  for (let done = 0; done < times; done += 1) objects += await perform(work);
  const nanoseconds = Number(process.hrtime.bigint() - started);
  const { user, system } = process.cpuUsage(processor);
  console.log(JSON.stringify({ nanoseconds, cpu_nanoseconds: (user + system) * 1000, objects }));
}
await hunting.close();
