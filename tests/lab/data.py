"""Makes the lab's images: invented people, fixed identifiers and dates, pixels from arithmetic; the same in every run.

python tests/lab/data.py FOLDER
"""

import random
import subprocess
import sys
from pathlib import Path

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

ROOT = "2.25.4242"
MODALITIES = {
    "CT": ("1.2.840.10008.5.1.4.1.1.2", "CT HEAD"),
    "MR": ("1.2.840.10008.5.1.4.1.1.4", "MR BRAIN"),
    "US": ("1.2.840.10008.5.1.4.1.1.6.1", "US ABDOMEN"),
    "CR": ("1.2.840.10008.5.1.4.1.1.1", "CR CHEST"),
}
# patient ID: name, birth date, sex, character set
PEOPLE = {
    "LAB0001": ("ALPHA^ANNA", "19700102", "F", "ISO_IR 100"),
    "LAB0002": ("BRAVO^BEN", "19650304", "M", "ISO_IR 100"),
    "LAB0003": ("CHARLIE^CHRIS", "19580506", "O", "ISO_IR 100"),
    "LAB0009": ("ROMEO^RITA", "19490708", "F", "ISO_IR 100"),
    "LAB0010": ("Müller^Jörg", "19611112", "M", "ISO_IR 192"),
    "LAB0012": ("García^Íñigo", "19830915", "M", "ISO_IR 100"),
}


def pixels(rows: int, columns: int, seed: int, *, color: bool = False) -> bytes:
    """A disc with noise: 12 bits in two bytes a pixel, or with `color` three bytes."""
    chance, data = random.Random(seed), bytearray()
    for row in range(rows):
        for column in range(columns):
            inside = (row - rows / 2) ** 2 + (column - columns / 2) ** 2 < (min(rows, columns) * 0.4) ** 2
            value = (1200 if inside else 40) + chance.randrange(32)
            data += bytes([value // 8] * 3) if color else value.to_bytes(2, "little")
    return bytes(data)


def image(modality: str, patient: str, study: int, number: int, size: tuple[int, int], data: bytes) -> Dataset:
    """One image of the first series of a study; its identifiers follow from its numbers."""
    sop_class, description = MODALITIES[modality]
    name, birth, sex, charset = PEOPLE[patient]
    item = Dataset()
    item.SpecificCharacterSet = charset
    item.ImageType = ["ORIGINAL", "PRIMARY", *{"CT": ["AXIAL"], "MR": ["OTHER"]}.get(modality, [])]
    item.SOPClassUID = sop_class
    item.SOPInstanceUID = f"{ROOT}.{study}.1.{number}"
    item.StudyDate = item.SeriesDate = item.AcquisitionDate = item.ContentDate = "20240115"
    item.StudyTime = item.SeriesTime = item.AcquisitionTime = item.ContentTime = "083000"
    item.AccessionNumber = f"A{study}"
    item.Modality = modality
    item.Manufacturer = "LAB"
    item.InstitutionName = "LAB HOSPITAL"
    item.ReferringPhysicianName = "REFERRER^RUTH"
    item.StationName = f"{modality}1"
    item.StudyDescription = description
    item.PatientName, item.PatientID, item.PatientBirthDate, item.PatientSex = name, patient, birth, sex
    item.IssuerOfPatientID = "LAB"
    item.BodyPartExamined = description.split()[1]
    item.StudyInstanceUID, item.SeriesInstanceUID = f"{ROOT}.{study}", f"{ROOT}.{study}.1"
    item.StudyID, item.SeriesNumber, item.InstanceNumber = str(study), "1", str(number)
    item.Rows, item.Columns = size
    if modality == "US":
        item.SamplesPerPixel, item.PhotometricInterpretation, item.PlanarConfiguration = 3, "RGB", 0
        item.BitsAllocated, item.BitsStored, item.HighBit, item.PixelRepresentation = 8, 8, 7, 0
        item.LossyImageCompression = "00"
        item.PatientOrientation = None
    else:
        item.SamplesPerPixel, item.PhotometricInterpretation = 1, "MONOCHROME2"
        item.BitsAllocated, item.BitsStored, item.HighBit, item.PixelRepresentation = 16, 12, 11, 0
        item.WindowCenter, item.WindowWidth = "1000", "800"
        item.PatientOrientation = ["L", "P"]
    if modality in ("CT", "MR"):
        item.FrameOfReferenceUID = f"{ROOT}.{study}.0"
        item.PositionReferenceIndicator = None
        item.SliceThickness = "5"
        item.PatientPosition = "HFS"
        item.ImagePositionPatient = ["-100", "-100", str(5 * number)]
        item.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
        item.PixelSpacing = ["1.5", "1.5"]
        item.AcquisitionNumber = "1"
    if modality == "CT":
        item.KVP = "120"
        item.RescaleIntercept, item.RescaleSlope, item.RescaleType = "-1024", "1", "HU"
    if modality == "MR":
        item.ScanningSequence, item.SequenceVariant, item.ScanOptions = "SE", "NONE", None
        item.MRAcquisitionType, item.RepetitionTime, item.EchoTime, item.EchoTrainLength = "2D", "500", "15", "1"
    if modality == "CR":
        item.ViewPosition = "PA"
    item.PixelData = data
    return item


def save(item: Dataset, path: Path) -> None:
    """Write a data set as a DICOM file, explicit little endian."""
    item.file_meta = FileMetaDataset()
    item.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    item.save_as(path, enforce_file_format=True)


def report() -> Dataset:
    """A basic text report on the CT of LAB0001."""
    item = image("CT", "LAB0001", 1001, 1, (1, 1), b"\0\0")
    for keyword in ("ImageType", "PixelData", "Rows", "Columns", "WindowCenter", "WindowWidth", "KVP"):
        delattr(item, keyword)
    item.SOPClassUID, item.Modality = "1.2.840.10008.5.1.4.1.1.88.11", "SR"
    item.SeriesInstanceUID, item.SOPInstanceUID = f"{ROOT}.1001.2", f"{ROOT}.1001.2.1"
    item.SeriesNumber, item.ValueType, item.ContinuityOfContent = "2", "CONTAINER", "SEPARATE"
    item.CompletionFlag, item.VerificationFlag = "COMPLETE", "UNVERIFIED"
    item.ConceptNameCodeSequence = Sequence([code("18748-4", "LN", "Diagnostic imaging report")])
    text = Dataset()
    text.RelationshipType, text.ValueType = "CONTAINS", "TEXT"
    text.ConceptNameCodeSequence = Sequence([code("121071", "DCM", "Finding")])
    text.TextValue = "No finding: this is a phantom."
    item.ContentSequence = Sequence([text])
    item.ReferencedPerformedProcedureStepSequence = item.PerformedProcedureCodeSequence = Sequence()
    return item


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """An item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def make(folder: Path) -> None:
    """Write all objects: NAME.dcm, as described in the README of this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    images = {
        **{f"ct{n}": image("CT", "LAB0001", 1001, n, (128, 128), pixels(128, 128, n)) for n in (1, 2, 3)},
        **{f"mr{n}": image("MR", "LAB0002", 1002, n, (64, 64), pixels(64, 64, 10 + n)) for n in (1, 2)},
        "us": image("US", "LAB0003", 1003, 1, (240, 320), pixels(240, 320, 20, color=True)),
        "cr": image("CR", "LAB0001", 1004, 1, (160, 128), pixels(160, 128, 30)),
        "utf8": image("CT", "LAB0010", 1010, 1, (64, 64), pixels(64, 64, 40)),
        "latin1": image("CT", "LAB0012", 1012, 1, (64, 64), pixels(64, 64, 41)),
        "sr": report(),
    }
    stack = pixels(128, 128, 50)
    for n in range(1, 61):
        images[f"s{n:02}"] = image("CT", "LAB0009", 1009, n, (128, 128), stack[2 * n :] + stack[: 2 * n])
    for name, item in images.items():
        save(item, folder / f"{name}.dcm")
    for command in (
        ("dcmcjpls", "mr1", "mr-jls"),
        ("dcmcrle", "mr1", "mr-rle"),
        ("dcmcjpeg", "--encode-lossless-sv1", "mr1", "mr-jpeg"),
        ("dcmcjpeg", "--encode-baseline", "--uid-never", "us", "us-jpeg"),
        ("gdcmconv", "--j2k", "mr1", "mr-j2k"),
        ("dcmconv", "--write-xfer-big", "mr1", "mr-be"),
    ):
        files = [str(folder / f"{name}.dcm") for name in command[-2:]]
        subprocess.run([f"/usr/bin/{command[0]}", *command[1:-2], *files], check=True, capture_output=True)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
