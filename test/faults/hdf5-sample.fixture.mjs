// node hdf5-sample.fixture.mjs PATH ROWS: writes a valid HDF5 file of BCData, compressed if large. Runs in a separate process, so
// that the tested process loads the HDF5 library as the reader does.

import hdf5 from "h5wasm/node";

await hdf5.ready;
const [path, json] = process.argv.slice(2);
const rows = JSON.parse(json);
const file = new hdf5.File(path, "w");
const packed = rows.length > 2 ? { chunks: [2, 2], maxshape: [null, 2], compression: 4 } : {};
file.create_dataset({ name: "coordinates", data: Int32Array.from(rows.flat()), shape: [rows.length, 2], ...packed });
file.close();
