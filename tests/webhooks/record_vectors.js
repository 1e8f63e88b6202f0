// Records what Node writes for the vectors: node record_vectors.js < inputs.json > javascript_vectors.json
const inputs = JSON.parse(require("fs").readFileSync(0, "utf8"));
const vectors = inputs.map((text) => {
  try {
    return [text, JSON.stringify(JSON.parse(text))];
  } catch {
    return [text, null];
  }
});
process.stdout.write(JSON.stringify(vectors, null, 1) + "\n");
