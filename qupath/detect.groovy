/*
 * Finds cells on the open image with sparsecell, and adds them as detections. For QuPath 0.4 to 0.7.
 *
 * What it does: it runs "sparsecell predict" on the file of the image, inside the selected annotations (all tissue if none is
 * selected), shows its progress in the log, and adds the cells below these annotations, with their classes and the measurement
 * "score". Cells of an earlier run in the same place are replaced. An error opens a dialog with what sparsecell said.
 *
 * How to run it: set the paths below, open this file in Automate > Script editor, select annotations if you like, and Run > Run.
 */

import static qupath.lib.gui.scripting.QPEx.*

import groovy.json.JsonSlurper
import qupath.lib.common.GeneralTools
import qupath.lib.images.servers.ImageServerBuilder.ServerBuilder
import qupath.lib.io.GsonTools
import qupath.lib.io.PathIO

// Node.js 20 or later, with its path where QuPath does not find it, such as "C:/Program Files/nodejs/node.exe".
String node = "node"

// The file bin/sparsecell.js of sparsecell.
String sparsecell = "/path/to/sparsecell/bin/sparsecell.js"

// The file model.safetensors of a run; asked for when it is empty.
String model = ""

// Further options of "sparsecell predict", such as ["--score", "0.4", "--mpp", "0.25", "--no-tissue"].
List<String> options = []

// ---------------------------------------------------------------------------------------------------------------------

String NAME = "sparsecell" // of the detections, to know them in a later run

// Types of servers that change colours or add smaller copies, so that a pixel is where it is in the file.
def SAME_PIXELS = ["uri", "pyramidize", "channels", "color", "swapRedBlue", "color_deconvolved", "normalized", "typeConvert"]

// QuPath 0.5 moved its dialogs; a class that is not there is null.
def classNamed = { String name ->
    try {
        return getClass().getClassLoader().loadClass(name)
    } catch (ClassNotFoundException e) {
        return null
    }
}
def dialogs = classNamed("qupath.fx.dialogs.Dialogs") ?: classNamed("qupath.lib.gui.dialogs.Dialogs")
def fileChoosers = classNamed("qupath.fx.dialogs.FileChoosers")

// Runs sparsecell, shows each line that it prints, and returns the lines.
def run = { List<String> arguments ->
    def process = new ProcessBuilder([node, sparsecell] + arguments).redirectErrorStream(true).start()
    try {
        process.getOutputStream().close()
        def lines = []
        process.getInputStream().eachLine("UTF-8") { line ->
            if (!line.trim().isEmpty()) {
                println line
                lines.add(line)
            }
        }
        if (process.waitFor() != 0)
            throw new IllegalStateException(lines.isEmpty() ? "sparsecell ended without a word" : lines.last())
        return lines
    } finally {
        process.destroy()
    }
}

def detect = { File folder ->
    if (!new File(sparsecell).isFile())
        throw new IllegalStateException(sparsecell + ": not found; set the path of bin/sparsecell.js at the top of this script")
    def server = getCurrentServer()
    if (server == null)
        throw new IllegalStateException("No image is open")
    def builder = GsonTools.getInstance().toJson(server.getBuilder(), ServerBuilder.class)
    def other = (builder =~ /"builderType"\s*:\s*"(\w+)"/).collect { it[1] }.find { !(it in SAME_PIXELS) }
    if (other != null)
        throw new IllegalStateException("The image is \"" + other + "\" in QuPath, so its pixels are not those of its file; open the file itself")
    def uris = server.getURIs()
    def path = uris.size() == 1 ? GeneralTools.toPath(uris.iterator().next()) : null
    if (path == null)
        throw new IllegalStateException("The image is not one file on this computer")
    def info = new JsonSlurper().parseText(run(["slides", "info", path.toString(), "--json"]).find { it.startsWith("{") })
    if (info.width != server.getWidth() || info.height != server.getHeight())
        throw new IllegalStateException("QuPath shows " + server.getWidth() + " x " + server.getHeight() + " pixels, but the file has " +
                info.width + " x " + info.height + " for sparsecell; positions would not agree")

    if (model.isEmpty()) {
        def title = "Model of sparsecell (model.safetensors)"
        def chosen = fileChoosers != null ? fileChoosers.promptForFile(title) : dialogs.promptForFile(title, null, "model", ".safetensors")
        if (chosen == null)
            return
        model = chosen.getPath()
    }
    def cellsFile = new File(folder, "cells.geojson.gz")
    def arguments = ["predict", "--model", model, "--out", cellsFile.getPath()] + options
    def selected = getSelectedObjects().findAll { it.isAnnotation() && it.getROI().isArea() }
    if (!selected.isEmpty()) {
        def regions = new File(folder, "regions.geojson").getPath()
        exportObjectsToGeoJson(selected, regions, "FEATURE_COLLECTION")
        arguments += ["--regions", regions]
    }
    run(arguments + ["--", path.toString()])

    def cells = PathIO.readObjects(cellsFile)
    cells.each { it.setName(NAME) }
    def hierarchy = getCurrentHierarchy()
    def before = getDetectionObjects().findAll { it.getName() == NAME && (selected.isEmpty() || it.getParent() in selected) }
    hierarchy.removeObjects(before, true)
    if (selected.isEmpty()) {
        hierarchy.addObjects(cells)
    } else {
        // each below the first annotation that holds its centre; every cell has one, because only they were searched
        def children = cells.groupBy { cell ->
            def roi = cell.getROI()
            selected.find { it.getROI().contains(roi.getCentroidX(), roi.getCentroidY()) } ?: selected.first()
        }
        children.each { annotation, inside -> annotation.addChildObjects(inside) }
    }
    fireHierarchyUpdate()
    println "sparsecell: " + cells.size() + " cells added"
}

File folder = File.createTempDir()
try {
    detect(folder)
} catch (Exception e) {
    dialogs.showErrorMessage("sparsecell", e.getMessage() ?: e.toString())
    throw e
} finally {
    folder.deleteDir()
}
