/*
 * Exports the annotations of images of a QuPath project for training with sparsecell. For QuPath 0.4 to 0.7.
 *
 * What it does: it writes PROJECT/sparsecell/ID.geojson for each image (ID is the number of the image in the project): points and
 * shapes with their classes, in pixels of the full resolution. An image without annotations gets a file without objects and
 * is left out of the dataset, because nobody has said that it has no cells. Where that is so, draw a complete region on it.
 *
 * How to run it: open the project, save the open image (Ctrl+S), open this file in Automate > Script editor, then
 *   Run > Run                for the open image, or
 *   Run > Run for project    for all images that you choose.
 * Then: sparsecell data import --format qupath --images SLIDES --annotations PROJECT --out data/mine
 */

import static qupath.lib.gui.scripting.QPEx.*

// Also export detections and cells, which become cells of the dataset.
boolean withDetections = false

// ---------------------------------------------------------------------------------------------------------------------

def entry = getProjectEntry()
if (entry == null)
    throw new IllegalStateException("The open image is not in a project; create a project and add the image to it")

def objects = new ArrayList(getAnnotationObjects())
if (withDetections)
    objects.addAll(getDetectionObjects())

def folder = buildFilePath(PROJECT_BASE_DIR, "sparsecell")
mkdirs(folder)
def file = buildFilePath(folder, entry.getID() + ".geojson")
exportObjectsToGeoJson(objects, file, "FEATURE_COLLECTION")
println "sparsecell: " + objects.size() + " objects of " + entry.getImageName() + " in " + file
