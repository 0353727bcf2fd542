// Asks the decision cases by the `load` of any of the checker's entries.

const bytes = (base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

/**
 * Asks every case of a signed file of the full snapshot, of the policy snapshot with a pass, and of the subject snapshot.
 * Answers how many were asked of each, and what differed: each answer is held to the text that Rust writes of it, to the byte.
 */
export async function askBy(load, { keys, full, policy, subjects, cases }) {
  let clock = 0;
  const options = { keys, tenant: "default", now: () => clock };
  const asked = { full: 0, pass: 0, subject: 0 };
  const failures = [];

  const put = (way, rw, subject, { name, question, expect }) => {
    asked[way]++;
    const { operation, permission, resource, asked: level, resources, attributes } = question;
    const hold = (what, answered, expected) => {
      const text = JSON.stringify(answered);
      if (text !== expected) failures.push(`${name} (${way}, ${what})\n    expected ${expected}\n    answered ${text}`);
    };
    if (operation !== undefined) {
      hold("check", rw.check({ subject, operation, resources, attributes }), expect);
      return;
    }
    hold("decide", rw.decide({ subject, permission, resource, asked: level, attributes }), expect);
    // The others answer without attributes.
    if (attributes !== undefined) return;
    const decision = JSON.parse(expect);
    if (level === undefined) hold("can", rw.can(subject, permission, resource), JSON.stringify(decision.allowed));
    hold("level", rw.level(subject, permission, resource), JSON.stringify(decision.level));
    hold("ui", rw.ui(subject, permission, resource), JSON.stringify(decision.ui));
  };

  const everybody = await load(bytes(full), options);
  const edge = await load(bytes(policy), options);
  const browsers = [];
  for (const snapshot of subjects) browsers.push(await load(bytes(snapshot), options));
  for (const one of cases) {
    clock = one.question.at;
    const { subject, session } = one.question;
    put("full", everybody, session === undefined ? subject : (everybody.subject(subject, session) ?? subject), one);
    if (one.pass !== null) put("pass", edge, await edge.open(one.pass), one);
    if (one.subject !== null) put("subject", browsers[one.subject], browsers[one.subject].self, one);
  }
  for (const rw of [everybody, edge, ...browsers]) rw.dispose();
  return { asked, failures };
}
