// Search and facets of the home page. The index is a script, not fetched: a page opened as a file may not fetch.
"use strict";
(() => {
  const index = window.medpolIndex;
  const byId = (id) => document.getElementById(id);
  const form = byId("search");
  const items = new Map([...document.querySelectorAll("#policies > li")].map((li) => [li.dataset.number, li]));
  const FACETS = ["authority", "lob", "position", "status", "topic"];
  const MOST_HITS = 6;

  const folded = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const spaced = (key) => key.replaceAll("_", " ");

  // Codes: normal form without dots and blanks; a pattern is everything from low to high.

  function codeQuery(text) {
    const code = text.replace(/[.\s]/g, "").toUpperCase().replace(/\*$/, "");
    const range = /^([A-Z0-9]{3,})-([A-Z0-9]{3,})$/.exec(code);
    if (range) return /\d/.test(code) ? [range[1], range[2] + "~"] : null;
    return /^[A-Z]?\d[A-Z0-9]{1,9}(-\d)?$/.test(code) ? [code, code + "~"] : null;
  }

  const meets = (query, low, high) => low <= query[1] && high >= query[0];

  function bounds(pattern) {
    if (pattern.endsWith("*")) return [pattern.slice(0, -1), pattern.slice(0, -1) + "~"];
    const range = /^([A-Z0-9]+)-([A-Z0-9]{2,})$/.exec(pattern);
    return range ? [range[1], range[2] + "~"] : [pattern, pattern];
  }

  function listMatches(query, list) {
    list.b ??= list.p.split(" ").map((pattern) => [...bounds(pattern), pattern]);
    return list.b.filter(([low, high]) => meets(query, low, high)).map((entry) => entry[2]);
  }

  function codeHits(query, version, day) {
    const about = new Map();
    for (const [low, high, shown, from, until, statements] of version.c) {
      if (!meets(query, low, high) || (day && ((from && day < from) || (until && day >= until)))) continue;
      for (const at of statements) {
        if (!about.has(at)) about.set(at, []);
        if (!about.get(at).includes(shown)) about.get(at).push(shown);
      }
    }
    const hits = [...about].sort((a, b) => a[0] - b[0]).map(([at, codes]) =>
      statementHit(version, version.st[at], `${some(codes)}: `));
    version.st.forEach((statement) => {
      for (const [fact, list] of statement.asks) {
        const found = listMatches(query, index.lists[list]);
        if (!found.length) continue;
        const name = index.lists[list].n ? ` (${index.lists[list].n})` : "";
        const shown = fact.includes("diagnos") || fact === "earlier claims" ? found.map(dotted) : found;
        hits.push(statementHit(version, statement, `${spaced(fact)} ${some(shown)}${name}, in the criterion of `));
      }
    });
    return hits;
  }

  // A diagnosis code has a dot after its category of three characters (ICD-10-CM guidelines, I.A.2).
  const dotted = (pattern) => pattern.replace(/\b([A-TV-Z]\d[0-9A-Z])([0-9A-Z])/g, "$1.$2");

  const some = (codes) => codes.slice(0, 4).join(", ") + (codes.length > 4 ? ` and ${codes.length - 4} more` : "");

  function statementHit(version, statement, before) {
    return { at: statement.at, before, link: statement.t, position: statement.p, after: ` ${version.e}` };
  }

  // Words: every word must stand in the title and topics, in one statement's wording or in one section.

  const has = (text, words) => words.every((word) => text.includes(word));

  function textHits(words, where) {
    const found = new Map();
    for (const entry of index.texts) {
      entry.f ??= folded(`${entry.t} ${entry.s}`);
      if (!has(entry.f, words)) continue;
      for (const [number, at] of entry.in) {
        const policy = index.policies[number];
        const version = policy.v[at];
        if (!where.get(policy)?.includes(version)) continue;
        if (!found.has(policy)) found.set(policy, new Map());
        const known = found.get(policy).get(entry.k);
        if (!known || known.version.e < version.e) found.get(policy).set(entry.k, { version, entry });
      }
    }
    return found;
  }

  function textHit({ version, entry }, words) {
    return {
      at: `${version.at}#${entry.k}`, before: "", link: entry.t, after: ` ${version.e}`, snippet: snippet(entry.s, words),
    };
  }

  function snippet(text, words) {
    const plain = text.normalize("NFD").replace(/[\u0300-\u036f]/g, "");
    const lower = plain.toLowerCase();
    const at = Math.max(0, Math.min(...words.map((word) => lower.indexOf(word)).filter((place) => place >= 0)));
    const begin = Math.max(0, Number.isFinite(at) ? at - 60 : 0);
    const cut = plain.slice(begin, begin + 180);
    return `${begin ? "…" : ""}${cut}${begin + 180 < plain.length ? "…" : ""}`;
  }

  // Which versions of a policy are looked at, and whether the facets let it through.

  function versionsOf(policy, chosen) {
    const on = chosen.when === "on" && chosen.on;
    let versions = policy.v;
    if (on) versions = versions.filter((v) => v.s === "approved" && v.e <= on && (!v.x || on < v.x));
    else if (chosen.when !== "any") versions = versions.slice(-1);
    return versions.filter((v) =>
      (!chosen.lob || v.lob.includes(chosen.lob)) && (!chosen.status || v.s === chosen.status) &&
      (!chosen.position || v.st.some((statement) => statement.p === chosen.position)));
  }

  const passes = (policy, chosen) =>
    (!chosen.authority || policy.a === chosen.authority) && (!chosen.topic || policy.topics.includes(chosen.topic)) &&
    (!chosen.evidence || policy.ev);

  function search(chosen) {
    const where = new Map();
    for (const policy of index.policies) {
      const versions = passes(policy, chosen) ? versionsOf(policy, chosen) : [];
      if (versions.length) where.set(policy, versions);
    }
    const text = chosen.q.trim();
    if (!text) return [...where.keys()].map((policy) => ({ policy, hits: [] }));
    const query = codeQuery(text);
    const day = chosen.when === "on" ? chosen.on : "";
    const words = folded(text).split(/\s+/);
    const texts = textHits(words, where);
    const results = [];
    for (const [policy, versions] of where) {
      const codes = query ? [...versions].reverse().flatMap((version) => codeHits(query, version, day)) : [];
      const title = has(folded(`${policy.n} ${policy.t} ${policy.topics.join(" ")}`), words);
      const said = codes.length ? [] : [...(texts.get(policy)?.values() ?? [])].map((found) => textHit(found, words));
      if (codes.length || title || said.length) {
        const rank = (codes.length ? 4 : 0) + (title ? 2 : 0) + Math.min(said.length, 9) / 10;
        results.push({ policy, hits: [...codes, ...said], rank, words });
      }
    }
    return results.sort((a, b) => b.rank - a.rank);
  }

  // What is shown: nodes with text, never markup from the index.

  function node(tag, properties, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  function marked(text, words) {
    const lower = text.toLowerCase();
    const parts = [];
    let done = 0;
    while (done < text.length) {
      const next = words.map((word) => [lower.indexOf(word, done), word]).filter(([at]) => at >= 0)
        .sort((a, b) => a[0] - b[0])[0];
      if (!next) break;
      parts.push(text.slice(done, next[0]), node("mark", {}, text.slice(next[0], next[0] + next[1].length)));
      done = next[0] + next[1].length;
    }
    return [...parts, text.slice(done)];
  }

  function hitNode(hit, words) {
    const line = node("li", {}, hit.before, node("a", { href: hit.at }, hit.link));
    if (hit.position) {
      line.append(" ", node("span", { className: `position ${hit.position}` }, index.words[hit.position] ?? hit.position));
    }
    line.append(node("span", { className: "meta" }, hit.after));
    if (hit.snippet) line.append(node("br"), ...marked(hit.snippet, words));
    return line;
  }

  function show(results) {
    const list = byId("policies");
    for (const li of items.values()) li.hidden = true;
    for (const { policy, hits, words } of results) {
      const li = items.get(policy.n);
      li.hidden = false;
      li.querySelector(".hits")?.remove();
      if (hits.length) {
        const nodes = hits.slice(0, MOST_HITS).map((hit) => hitNode(hit, words));
        if (hits.length > MOST_HITS) {
          nodes.push(node("li", { className: "meta" }, `and ${hits.length - MOST_HITS} more places in this policy`));
        }
        li.append(node("ul", { className: "hits" }, ...nodes));
      }
      list.append(li);
    }
    byId("count").textContent = results.length === 1 ? "1 policy" : results.length ? `${results.length} policies` :
      "No policy found. Try another version, fewer words, or the first characters of a code.";
  }

  function showCodes(text) {
    const box = byId("codes");
    const query = text.trim() ? codeQuery(text) : null;
    const found = query ? index.codes.filter(([low, high]) => meets(query, low, high)) : [];
    box.hidden = !found.length;
    const links = found.slice(0, 12).map(([, , shown, at]) => node("a", { href: at }, shown));
    const more = found.length > 12 ? ` and ${found.length - 12} more` : "";
    box.replaceChildren(node("p", {}, "Which statement decides, by line of business and date: ", ...links, more));
  }

  // The form, and its state in the address after #.

  function chosen() {
    const values = Object.fromEntries([...FACETS, "q", "when", "on"].map((id) => [id, byId(id).value]));
    return { ...values, evidence: byId("evidence").checked };
  }

  function update() {
    const now = chosen();
    byId("on-label").hidden = now.when !== "on";
    show(search(now));
    showCodes(now.q);
    const kept = Object.entries(now).filter(([key, value]) => value && !(key === "when" && value === "newest"));
    form.querySelector("button[type=reset]").hidden = !kept.length;
    const hash = new URLSearchParams(kept.map(([key, value]) => [key, String(value)])).toString();
    try {
      history.replaceState(null, "", hash ? `#${hash}` : location.href.split("#")[0]);
    } catch { /* some browsers keep the address of a file as it is */ }
  }

  function restore() {
    const kept = new URLSearchParams(location.hash.slice(1));
    for (const id of [...FACETS, "q", "when", "on"]) byId(id).value = kept.get(id) ?? (id === "when" ? "newest" : "");
    byId("evidence").checked = kept.has("evidence");
    update();
  }

  function fill(id, values, name) {
    for (const value of [...new Set(values)].sort()) byId(id).append(new Option(name(value), value));
  }

  const versions = index.policies.flatMap((policy) => policy.v);
  fill("lob", versions.flatMap((v) => v.lob), spaced);
  fill("position", versions.flatMap((v) => v.st.map((statement) => statement.p)), (key) => index.words[key] ?? spaced(key));
  fill("status", versions.map((v) => v.s), spaced);
  fill("topic", index.policies.flatMap((policy) => policy.topics), (topic) => topic);
  form.hidden = false;
  byId("filters").open = window.innerWidth > 576 || /[#&](?!q=)/.test(location.hash);
  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(update, 80);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(update));
  window.addEventListener("hashchange", restore);
  restore();
})();
