// Bundles scripts and styles, draws the outline of the world, and compresses all of it.
// node build.mjs OUT: OUT/manifest.json names each file by its plain name.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { worldSvg } from "./world.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];
const manifest = {};

async function keep(name, bytes) {
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const extension = extname(name);
  const hashed = `${basename(name, extension)}.${digest}${extension}`;
  await writeFile(join(out, hashed), bytes);
  await writeFile(join(out, `${hashed}.gz`), gzipSync(bytes, { level: 9 }));
  const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
  await writeFile(join(out, `${hashed}.br`), brotliCompressSync(bytes, options));
  manifest[name] = hashed;
}

await mkdir(out, { recursive: true });
const entries = (await readdir(join(here, "pages"))).filter((name) => /\.(ts|css)$/.test(name));
const bundled = await build({
  entryPoints: entries.map((name) => join(here, "pages", name)),
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome100", "firefox100", "safari15"],
  outdir: out,
  write: false,
  legalComments: "none",
  logLevel: "warning",
});
for (const file of bundled.outputFiles) await keep(basename(file.path), Buffer.from(file.contents));
await keep("world.svg", Buffer.from(await worldSvg(0.02)));
await keep("icon.svg", await readFile(join(here, "icon.svg")));
await writeFile(join(out, "manifest.json"), JSON.stringify(manifest, null, 1));
